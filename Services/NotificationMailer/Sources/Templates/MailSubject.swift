import JSON
import Models

/// What a mail is written from. The names are one line each, whoever chose them.
struct MailSubject {
    let data: JSON
    let organization: String
    /// The name of the device that it is about, if it is about one that still exists.
    let device: String?
    /// When the mail was wanted.
    let date: Timestamp
    let portal: PortalLinks

    init(data: JSON, organization: String, device: String? = nil, date: Timestamp, portal: PortalLinks) {
        self.data = data
        self.organization = organization.onOneLine
        self.device = device?.onOneLine
        self.date = date
        self.portal = portal
    }

    func decode<Data: Decodable>(_ type: Data.Type = Data.self) throws -> Data { try data.decode(type) }

    func device(_ id: DeviceID) -> String { device.map { "\($0) (\(id))" } ?? id.rawValue }

    func reason(_ news: String) -> String {
        "Primiți acest mesaj pentru că sunteți abonat la \(news) organizației \(organization) în e-bon."
    }
}
