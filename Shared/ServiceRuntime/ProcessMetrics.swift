import EventLoop
import Glibc

/// Registers what every process tells about itself: memory, descriptors, processor time, the loop's delay.
@Loop func addProcessMetrics(to metrics: Metrics, service: String, instance: String) {
    metrics.gauge("service_info", "Always 1; tells who answers.", ["service": service, "instance": instance]) { 1 }
    metrics.gauge("process_resident_memory_bytes", "Resident memory.") { residentBytes() }
    metrics.gauge("process_memory_limit_bytes", "Limit of memory of the container.") { memoryLimit() }
    metrics.gauge("process_open_fds", "Open file descriptors.") { openDescriptors() }
    metrics.gauge("process_max_fds", "Limit of open file descriptors.") { Double(OpenFiles.limit) }
    metrics.counter("process_cpu_seconds_total", "Processor time, user and system.") { processorSeconds() }
    metrics.counter("log_lines_dropped_total", "Log lines that nobody read in time.") { Double(Log.dropped) }
}

/// Measures how late the loop is: what every timer and every socket of the process has to wait.
///
/// A probe is due every `interval`; what it is late by is observed.
@Loop final class LoopLag {
    private let histogram: Histogram
    private let interval: Duration
    private var timer: LoopTimer?

    init(metrics: Metrics, interval: Duration = .milliseconds(250)) {
        histogram = metrics.histogram("loop_lag_seconds", "How late the event loop runs its timers.")
        self.interval = interval
    }

    func start() {
        let due = LoopInstant.current + interval
        timer = Loop.schedule(at: due) { [weak self] in
            self?.histogram.observe(LoopInstant.current - due)
            self?.start()
        }
    }

    func stop() { timer?.cancel() }
}

private func residentBytes() -> Double {
    let fields = firstLine(of: "/proc/self/statm")?.split(separator: " ") ?? []
    return fields.count > 1 ? (Double(fields[1]) ?? .nan) * Double(sysconf(Int32(_SC_PAGESIZE))) : .nan
}

/// Of control groups, version 2 or 1; infinite where there is none.
private func memoryLimit() -> Double {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return files.lazy.compactMap(firstLine).first.flatMap { Double($0) } ?? .infinity
}

private func firstLine(of path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let bytes = line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:))
    return String(decoding: bytes, as: UTF8.self)
}

private func openDescriptors() -> Double {
    guard let directory = opendir("/proc/self/fd") else { return .nan }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // ".", ".." and the directory itself.
    return Double(count - 3)
}

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
