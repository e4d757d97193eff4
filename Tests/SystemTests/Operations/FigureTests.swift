import EventLoop
import Foundation
import HTTP
import TestSupport
import Testing

extension SystemTests {
    @Suite("What the processes tell of themselves", .serialized) @Loop struct Figures {
        private static let services = [
            "edge-router", "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
            "notification-mailer",
        ]

        @Test("has every figure that an alert rule or the dashboard asks for, and the labels by which it is asked for")
        func names() async throws {
            let stack = try await EverydayStack.shared().stack
            try await takePart()
            let figures = try await exposition(of: stack)
            for file in ["alerts.yml", "grafana/dashboards/ebon.json"] {
                let asked = try Self.questions(in: file)
                #expect(asked.count > 10)
                for (name, labels) in asked {
                    #expect(
                        figures.contains { $0.name == name && labels.isSubset(of: $0.labels) },
                        "\(file) asks for \(name) by \(labels)")
                }
            }
        }

        /// What is counted by its kind exists once that has happened.
        private func takePart() async throws {
            let system = try await EverydayStack.shared()
            let order = try await system.cloud.post(
                "/api/v1/devices/\(system[.payloads])/commands", ["type": "open_drawer"])
            _ = try #require(try await system.ended(order))
            try await system.floor.set("connection", ["state": "down"], of: system[.payloads])
            #expect(try await system.becomes("offline", system[.payloads]))
            try await system.floor.set("connection", ["state": "up"], of: system[.payloads])
            #expect(try await system.becomes("online", system[.payloads]))
            try await system.floor.set("flags", ["coverOpen": true], of: system[.payloads])
            let isAnnounced = try await eventually {
                try await exposition(of: system.stack).contains { $0.name == "ebon_alerts_announced_total" }
                    ? true : nil
            }
            #expect(isAnnounced == true)
            try await system.floor.set("flags", ["coverOpen": false], of: system[.payloads])
        }

        private struct Figure: Hashable {
            let name: String
            let labels: Set<String>
        }

        private func exposition(of stack: Stack) async throws -> Set<Figure> {
            var figures: Set<Figure> = []
            for service in Self.services {
                let port = try #require(stack.port(of: service))
                let answer = try await HTTPClient("http://127.0.0.1:\(port)").request(.get, "/metrics")
                for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
                where !line.hasPrefix("#") {
                    let name = line.prefix { $0 != "{" && $0 != " " }
                    let labels = line.matches(of: /([a-z_]+)="/).map { String($0.output.1) }
                    // Prometheus adds these to every target.
                    figures.insert(Figure(name: String(name), labels: Set(labels).union(["service", "instance"])))
                }
            }
            return figures
        }

        /// The names of our own figures in a file of queries, each with the labels between its braces and those that it
        /// is summed by.
        private static func questions(in file: String) throws -> [(name: String, labels: Set<String>)] {
            let folder = URL(filePath: #filePath).appending(path: "../../../../deploy/observability").standardized
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                .replacing(#"\""#, with: #"""#)
            return text.matches(of: /\b((?:ebon|loop|process|log)_[a-z_]+)(?:{([^}]*)})?/).map { match in
                let labels = (match.output.2 ?? "").matches(of: /([a-z_]+)(?:=~|!~|!=|=)"/).map { String($0.output.1) }
                return (String(match.output.1), Set(labels))
            }
        }
    }
}
