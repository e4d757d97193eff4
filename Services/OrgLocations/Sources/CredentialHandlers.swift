import Bus
import EventLoop
import Models

/// Answers the edges: who presents this credential, and what may they do now.
@Loop struct CredentialHandlers {
    let store: CredentialStore
    let usage: KeyUsage
    let bus: Bus

    func mount() {
        bus.handle(ResolveCredential.self) { message, _ in
            ResolveCredential.Reply(caller: try await caller(message))
        }
    }

    private func caller(_ message: ResolveCredential) async throws -> Caller? {
        if let digest = message.keySHA256 {
            let caller = try await store.caller(keySHA256: digest)
            if let key = caller?.apiKeyId { usage.record(key, at: .now()) }
            return caller
        }
        guard let session = message.sessionId else { return nil }
        return try await store.caller(session: SessionID(session))
    }
}
