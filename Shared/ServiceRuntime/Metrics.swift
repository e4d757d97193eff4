import EventLoop

/// The metrics of a process.
@Loop package final class Metrics {
    nonisolated init() {}
}
