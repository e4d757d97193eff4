import EventLoop

/// The commands whose replies are still to come, in the order in which Redis will answer them.
struct PendingCommands {
    struct Command {
        let deadline: LoopInstant
        let completion: @Loop (Result<RedisValue, RedisError>) -> Void
    }

    private var commands: [Command?] = []
    private var head = 0

    var count: Int { commands.count - head }

    var oldestDeadline: LoopInstant? { head < commands.count ? commands[head]?.deadline : nil }

    mutating func append(_ command: Command) { commands.append(command) }

    mutating func removeFirst() -> Command? {
        guard head < commands.count else { return nil }
        let command = commands[head]
        commands[head] = nil
        head += 1
        if head == commands.count {
            commands.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1024, head * 2 >= commands.count {
            commands.removeFirst(head)
            head = 0
        }
        return command
    }

    mutating func removeAll() -> [Command] {
        let all = commands[head...].compactMap { $0 }
        commands = []
        head = 0
        return all
    }
}
