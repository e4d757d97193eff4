/// The only place that speaks HTTP/1.1 and WebSocket on the wire.
enum HTTPModule {}
