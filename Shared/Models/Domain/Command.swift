import JSON

/// A command as the outside sees it.
package struct Command: Codable, Sendable, Equatable {
    /// The command's id.
    package let id: CommandID
    /// The device that it is for.
    package let deviceId: DeviceID
    /// The kind of command.
    package let type: CommandType
    /// What it was ordered with; `{}` if nothing was given.
    package let payload: JSON
    /// The organization.
    package let orgId: OrgID
    /// How far it got.
    package let status: CommandStatus
    /// The API key that ordered it; nil for a user.
    package let apiKeyId: APIKeyID?
    /// What the register answered, once it has.
    package let result: JSON?
    /// Why it failed, if it did.
    package let error: CommandError?
    /// What is known of its effect; nil while pending.
    package let outcome: CommandOutcome?
    /// How often its delivery began.
    package let attempts: Int
    /// When it was ordered.
    package let createdAt: Timestamp
    /// When its delivery began last.
    package let sentAt: Timestamp?
    /// When it took its final status.
    package let finishedAt: Timestamp?
    /// When an unknown outcome became known.
    package let resolvedAt: Timestamp?
    /// When any of this changed last.
    package let updatedAt: Timestamp

    /// All members.
    package init(
        id: CommandID, deviceId: DeviceID, type: CommandType, payload: JSON, orgId: OrgID, status: CommandStatus,
        apiKeyId: APIKeyID?, result: JSON?, error: CommandError?, outcome: CommandOutcome?, attempts: Int,
        createdAt: Timestamp, sentAt: Timestamp?, finishedAt: Timestamp?, resolvedAt: Timestamp?, updatedAt: Timestamp
    ) {
        self.id = id
        self.deviceId = deviceId
        self.type = type
        self.payload = payload
        self.orgId = orgId
        self.status = status
        self.apiKeyId = apiKeyId
        self.result = result
        self.error = error
        self.outcome = outcome
        self.attempts = attempts
        self.createdAt = createdAt
        self.sentAt = sentAt
        self.finishedAt = finishedAt
        self.resolvedAt = resolvedAt
        self.updatedAt = updatedAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, deviceId, type, payload, orgId, status, apiKeyId, result, error, outcome, attempts, createdAt, sentAt,
            finishedAt, resolvedAt, updatedAt
    }

    /// `apiKeyId` and `outcome` are always there, be it as `null`; the other optional members are left out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(deviceId, forKey: .deviceId)
        try container.encode(type, forKey: .type)
        try container.encode(payload, forKey: .payload)
        try container.encode(orgId, forKey: .orgId)
        try container.encode(status, forKey: .status)
        try container.encode(apiKeyId, forKey: .apiKeyId)
        try container.encodeIfPresent(result, forKey: .result)
        try container.encodeIfPresent(error, forKey: .error)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(attempts, forKey: .attempts)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encodeIfPresent(sentAt, forKey: .sentAt)
        try container.encodeIfPresent(finishedAt, forKey: .finishedAt)
        try container.encodeIfPresent(resolvedAt, forKey: .resolvedAt)
        try container.encode(updatedAt, forKey: .updatedAt)
    }
}
