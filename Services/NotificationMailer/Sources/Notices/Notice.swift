import Bus
import JSON
import Models
import Postgres

/// What an event means for those who get mails.
enum Notice {
    case raised(RaisedCondition)
    case cleared(ClearedCondition)
    /// Nothing is said of the device any more.
    case deviceDeleted(DeviceID, of: OrgID)
    case statements([BoundStatement])
}

/// Something that may pass holds from now on. It is mailed at `dueAt`, if it still holds then.
struct RaisedCondition {
    let topic: Topic
    let kind: MailKind
    let event: OutboxEvent
    let dueAt: Timestamp
    /// Since when it has held. Since the creation of its device, such as a Z report that never came: that is nobody's
    /// news before a day has passed.
    var since: Timestamp?
}

/// It has passed: whoever was told that it holds is told that, too.
struct ClearedCondition {
    let topic: Topic
    let kind: MailKind
    let event: OutboxEvent
}

/// What a mail is about: a device, and the word for what is the matter with it.
struct Topic: Hashable {
    let orgId: OrgID
    let deviceId: DeviceID
    let word: String

    var text: String { "\(deviceId)/\(word)" }
}
