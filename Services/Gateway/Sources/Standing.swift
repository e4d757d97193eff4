import Models

/// A credential with what it permits: a socket lives as long as both are as they were when it was opened.
struct Standing: Hashable {
    let credential: String
    let rights: String

    init(credential: String, rights: String) {
        self.credential = credential
        self.rights = rights
    }

    init(_ caller: Caller) {
        credential = caller.credentialId
        rights = caller.role?.rawValue ?? caller.scopes.map(\.rawValue).sorted().joined(separator: " ")
    }
}
