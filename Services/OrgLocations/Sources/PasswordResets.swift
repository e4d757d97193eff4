import Bus
import EventLoop
import Models
import ServiceRuntime

/// Looks up, after they have been answered, whether those who want a new password have an account.
@Loop final class PasswordResets {
    private let store: PasswordResetStore
    private let bus: Bus
    private var isRunning = false
    private var isWanted = false

    init(store: PasswordResetStore, bus: Bus) {
        self.store = store
        self.bus = bus
    }

    /// Call it when somebody has asked and, for what a process has died with, every few seconds.
    func wake() {
        isWanted = true
        guard !isRunning else { return }
        isRunning = true
        Loop.atEndOfTurn { Task.immediate(executorPreference: Loop.executor) { @Loop in await self.drain() } }
    }

    private func drain() async {
        while isWanted {
            isWanted = false
            do {
                guard try await store.issue() > 0 else { continue }
                isWanted = true
                bus.publish(OutboxGrew())
            } catch {
                Log.warning("password resets have to wait", ["error": String(describing: error)])
            }
        }
        isRunning = false
    }
}
