import Crypto
import Testing

@Suite("Password hashes") struct PasswordHashTests {
    @Test("a hash carries its parameters, matches its own password and no other")
    func matches() async throws {
        let encoded = try await PasswordHash.make(of: "parolă bună")
        #expect(encoded.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await PasswordHash.matches("parolă bună", encoded))
        #expect(try await !PasswordHash.matches("parola buna", encoded))
        #expect(try await !PasswordHash.matches("", encoded))
    }

    @Test("two hashes of one password differ")
    func salted() async throws {
        let first = try await PasswordHash.make(of: "password")
        let second = try await PasswordHash.make(of: "password")
        #expect(first != second)
    }

    @Test("the decoy is a well-formed hash with the parameters of a real one and matches nothing")
    func decoy() async throws {
        let real = try await PasswordHash.make(of: "password")
        #expect(PasswordHash.decoy.count == real.count)
        #expect(PasswordHash.decoy.prefix(31) == real.prefix(31))
        #expect(try await !PasswordHash.matches("", PasswordHash.decoy))
    }

    @Test(
        "a text that is no hash matches nothing",
        arguments: ["", "$", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "plain"])
    func malformed(encoded: String) async throws {
        #expect(try await !PasswordHash.matches("plain", encoded))
    }
}
