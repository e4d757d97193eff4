import EventLoop

/// Starts `count` pieces of work before it awaits any, and returns what they return, in order.
@Loop package func allAtOnce<Value: Sendable>(
    _ count: Int, _ work: @escaping @Loop (Int) async throws -> Value
) async throws -> [Value] {
    let tasks = (0..<count).map { index in Task.immediate { @Loop in try await work(index) } }
    var values: [Value] = []
    for task in tasks { values.append(try await task.value) }
    return values
}
