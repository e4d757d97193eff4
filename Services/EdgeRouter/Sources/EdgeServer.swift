import Endpoints
import EventLoop
import HTTP

/// The server in front of an edge: what it refuses by itself looks like every other refusal.
@Loop func httpServer(of edge: Edge) -> HTTPServer {
    HTTPServer(
        refusal: { await edge.respond(to: $0, from: $1) },
        bodyLimit: { edge.bodyLimit(of: $0) },
        immediate: { edge.respondAtOnce(to: $0) },
        responder: { await edge.respond(to: $0) })
}
