import EventLoop
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("The credential of a device's socket", .serialized) @Loop struct SocketCredentials {
        @Test("may come in each of its places, with or without the subprotocol, and is in no log") func places()
            async throws
        {
            let system = try await SocketStack.shared()
            let key = system.stack.variables.apiKey
            let login = try await Cloud(system.stack, credential: [:]).post(
                "/api/v1/auth/login",
                [
                    "email": .string(system.stack.variables.email),
                    "password": .string(system.stack.variables.password),
                ])
            let token = try #require(login.json["accessToken"]?.string)
            let places: [(query: String, headers: HTTPHeaders)] = [
                ("", ["x-api-key": key]), ("", ["Authorization": "Bearer \(key)"]),
                ("", ["Authorization": "Bearer \(token)"]), ("&apiKey=\(key)", [:]), ("&token=\(token)", [:]),
                ("&token=\(key)", [:]), ("&%61piKey=\(key)", [:]),
            ]
            let device = try await system.cloud.register("credentials")
            for (number, place) in places.enumerated() {
                var welcome: JSON?
                let socket = try await WebSocketClient.connect(
                    "\(system.stack.variables.url.replacing("http", with: "ws"))/ws?deviceId=\(device)\(place.query)",
                    headers: place.headers, subprotocols: number % 2 == 0 ? [DeviceSocket.subprotocol] : []
                ) { $0.onText = { welcome = welcome ?? (try? JSON(parsing: $0)) } }
                #expect(await eventually { welcome }?["type"] == "welcome", "\(place.query) \(place.headers)")
                socket.close()
            }
            let refused = "ebon_live_acme_corp_\(String(repeating: "d", count: 32))"
            for query in [
                "apiKey=\(refused)", "token=\(refused)", "apiKey=secret%20and%20shapeless", "token=e.y.secret",
            ] {
                let answer = try await system.cloud.get("/ws?deviceId=\(device)&\(query)", headers: ["x-api-key": ""])
                #expect(answer.status == 401)
            }
            let folder = system.stack.directory.appending(path: "log")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let log = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                for secret in [key, token, refused, "shapeless", "e.y.secret"] {
                    #expect(!log.contains(secret), "\(name) holds a secret")
                }
            }
            #expect(system.stack.log("edge-router").contains(#""path":"/ws""#))
        }
    }
}
