import EventLoop

/// Starts components in order and stops the started ones in reverse.
@Loop final class Lifecycle {
    private let components: [Component]
    private var started: [Component] = []

    nonisolated init(_ components: [Component]) { self.components = components }

    /// Starts every component; the first error ends it and leaves the earlier ones started.
    func start() async throws {
        for component in components {
            try Task.checkCancellation()
            do {
                try await component.start()
            } catch {
                throw StartError(component: component.name, cause: error)
            }
            started.append(component)
            Log.debug("component started", ["component": component.name])
        }
    }

    /// Stops what has been started; every component gets the same deadline.
    func stop(deadline: LoopInstant) async {
        while let component = started.popLast() {
            await component.stop(deadline)
            Log.debug("component stopped", ["component": component.name])
        }
    }
}

/// The error of a component that could not start.
struct StartError: Error, CustomStringConvertible {
    let component: String
    let cause: any Error

    var description: String { "\(component): \(cause)" }
}
