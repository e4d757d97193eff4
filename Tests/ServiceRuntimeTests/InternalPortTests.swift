import EventLoop
import HTTP
import Testing

@testable import ServiceRuntime

@Suite("The internal port") @Loop struct InternalPortTests {
    private let runtime = Runtime(service: "edge", instance: "e1")

    @Test("says that the process is alive, ready or not")
    func health() async throws {
        runtime.addReadinessCheck("redis") { .unready("no connection") }
        let answer = try await ask("/healthz")
        #expect(answer.status == 200)
        #expect(answer.text == #"{"status":"ok"}"#)
    }

    @Test("is ready when every check is, and names the ones that are not")
    func readiness() async throws {
        runtime.addReadinessCheck("postgres") { .ready }
        let ready = try await ask("/readyz")
        #expect(ready.status == 200)
        #expect(ready.text == #"{"status":"ready","checks":{"postgres":"ok"}}"#)
        runtime.addReadinessCheck("redis") { .unready("no connection") }
        let unready = try await ask("/readyz")
        #expect(unready.status == 503)
        #expect(unready.text == #"{"status":"unready","checks":{"postgres":"ok","redis":"no connection"}}"#)
    }

    @Test("shows the metrics, the process' own among them")
    func metrics() async throws {
        addProcessMetrics(to: runtime.metrics, service: "edge", instance: "e1")
        let answer = try await ask("/metrics")
        #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains("service_info{service=\"edge\",instance=\"e1\"} 1\n"))
        let memory = try #require(answer.text.firstMatch(of: /\nprocess_resident_memory_bytes (\d+)\n/))
        #expect(Int(memory.1)! > 1_000_000)
        let descriptors = try #require(answer.text.firstMatch(of: /\nprocess_open_fds (\d+)\n/))
        #expect(Int(descriptors.1)! > 3)
    }

    @Test("answers reading methods on its three paths and nothing else")
    func refusals() async throws {
        #expect(try await ask("/").status == 404)
        let post = try await ask("/healthz", .post)
        #expect(post.status == 405)
        #expect(post.headers["Allow"] == "GET, HEAD")
    }

    private func ask(_ target: String, _ method: HTTPMethod = .get) async throws -> HTTPClientResponse {
        let port = InternalPort(runtime: runtime, endpoint: .tcp(host: "127.0.0.1", port: 0))
        let client = try HTTPClient("http://127.0.0.1:\(try port.open())")
        let response = try await client.request(method, target)
        client.close()
        await port.close()
        return response
    }
}
