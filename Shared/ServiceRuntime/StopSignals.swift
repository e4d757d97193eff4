import Dispatch
import EventLoop
import Glibc

/// Calls back on the loop for every SIGTERM and SIGINT from now on; they no longer end the process by themselves.
@Loop final class StopSignals {
    private var sources: [any DispatchSourceSignal] = []

    init(_ handler: @escaping @Loop @Sendable () -> Void) {
        for number in [SIGTERM, SIGINT] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // Without @Sendable the closure would be taken for the loop's own, and the queue's thread would trap.
            source.setEventHandler { @Sendable in Task(executorPreference: Loop.executor) { @Loop in handler() } }
            source.resume()
            sources.append(source)
        }
    }
}
