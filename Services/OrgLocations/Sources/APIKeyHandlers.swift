import Bus
import Endpoints
import EventLoop
import Models
import OrgLocationsRoutes

@Loop struct APIKeyHandlers {
    let store: APIKeyStore
    let bus: Bus

    func mount() {
        bus.mount(OrgLocationsRoutes.listAPIKeys) { try await store.keys(of: $0.orgId) }
        bus.mount(OrgLocationsRoutes.createAPIKey) { try await create($0) }
        bus.mount(OrgLocationsRoutes.apiKey) { call in
            guard let key = try await store.key(call.apiKeyId, of: call.orgId) else { throw APIError.noSuchKey }
            return key
        }
        bus.mount(OrgLocationsRoutes.updateAPIKey) { try await change($0) }
        bus.mount(OrgLocationsRoutes.deleteAPIKey) { call in
            guard try await store.revoke(call.apiKeyId, of: call.orgId, as: Actor(call)) else {
                throw APIError.noSuchKey
            }
            bus.publish(CredentialsChanged(orgId: call.orgId))
            return NoOutput()
        }
    }

    private func create(_ call: Call<NewAPIKey>) async throws -> CreatedAPIKey {
        let key = try await call.input(unless: { try await store.plan(of: call.orgId).refusalOfAPIKeys })
        let secret = APIKeySecret(of: call.orgId)
        switch try await store.create(secret, key, as: Actor(call)) {
        case .created(let key): return CreatedAPIKey(key, key: secret.text)
        case .notPermitted: throw APIError.roleDoesNotPermit
        case .notInPlan(let plan): throw plan.refusalOfAPIKeys ?? APIError.unexpected
        case .full: throw APIError.keyLimit(APIKeyStore.limit)
        }
    }

    private func change(_ call: Call<APIKeyChange>) async throws -> APIKey {
        let change = try await call.input(unless: {
            try await store.key(call.apiKeyId, of: call.orgId) == nil ? .noSuchKey : nil
        })
        guard let key = try await store.change(call.apiKeyId, of: call.orgId, change, as: Actor(call)) else {
            throw APIError.noSuchKey
        }
        bus.publish(CredentialsChanged(orgId: call.orgId))
        return key
    }
}

extension Call {
    fileprivate var apiKeyId: APIKeyID { APIKeyID(path("apiKeyId")) }
}

extension Plan {
    fileprivate var refusalOfAPIKeys: APIError? { includesAPIKeys ? nil : .keysNotIn(self) }
}
