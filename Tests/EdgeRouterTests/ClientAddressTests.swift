import HTTP
import Testing

@testable import EdgeRouter

@Suite("The client's address") struct ClientAddressTests {
    @Test(
        "is the socket's, or the last one in X-Forwarded-For that is no trusted proxy",
        arguments: [
            ("", "203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
            ("10.0.0.0/8", "203.0.113.9", ["1.2.3.4"], "203.0.113.9"),
            ("10.0.0.0/8", "10.1.2.3", ["1.2.3.4"], "1.2.3.4"),
            ("10.0.0.0/8", "10.1.2.3", ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            ("10.0.0.0/8", "10.1.2.3", ["6.6.6.6", "1.2.3.4, 10.9.9.9"], "1.2.3.4"),
            ("10.0.0.0/8", "10.1.2.3", [], "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", ["10.9.9.9"], "10.9.9.9"),
            ("10.0.0.0/8", "10.1.2.3", ["1.2.3.4, unknown"], "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3", ["1.2.3.4, nonsense, 10.4.4.4"], "10.4.4.4"),
            ("10.0.0.0/8", "10.1.2.3", ["1.2.3.4:5678"], "1.2.3.4"),
            ("10.0.0.0/8", "10.1.2.3", ["[2001:db8::1]:5678"], "2001:db8::1"),
            ("10.0.0.0/8", "10.1.2.3", ["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.0/8,2001:db8::/32", "2001:db8:5::1", ["1.2.3.4,2001:db8:ffff::2"], "1.2.3.4"),
            ("2001:db8::/33", "2001:db8:8000::1", ["1.2.3.4"], "2001:db8:8000::1"),
            ("2001:db8::8/125", "2001:db8::f", ["1.2.3.4"], "1.2.3.4"),
            ("2001:db8::8/125", "2001:db8::10", ["1.2.3.4"], "2001:db8::10"),
            ("0.0.0.0/0", "9.9.9.9", ["1.2.3.4"], "1.2.3.4"), ("127.0.0.1", "127.0.0.1", ["::ffff:1.2.3.4"], "1.2.3.4"),
        ])
    func address(trusted: String, peer: String, fields: [String], expected: String) throws {
        let proxies = try #require(trusted.isEmpty ? TrustedProxies([]) : TrustedProxies(parsing: trusted))
        let socket = try #require(SocketAddress(numeric: peer, port: 40_000))
        #expect(proxies.client(of: socket, forwardedFor: fields).host == expected)
    }

    @Test(
        "is not taken from a list of proxies that is none",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "proxy.example", "10.0.0.1,", "::/129", "10.0.0.0/8/8",
        ])
    func malformed(list: String) {
        #expect(TrustedProxies(parsing: list) == nil)
    }
}
