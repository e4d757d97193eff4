import CLinux
import Glibc
import Synchronization

/// The loop behind ``Loop``: epoll, a timer wheel, an eventfd, and the queue of ready Swift jobs.
///
/// Unchecked because `local`, `watches` and the rest are touched by the loop's own thread only; `remote` is the one
/// door for the others.
final class LoopExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    static let process = LoopExecutor()

    var endOfTurn: [@Loop () -> Void] = []
    private(set) var now = LoopInstant.current

    private let epoll: Int32
    private let wakeup: Int32
    private let origin = LoopInstant.current
    private let wheel = TimerWheel()
    private var watches: [FileWatch?] = []
    private var generation: UInt32 = 0
    private var local: [UnownedJob] = []
    private var ready: [UnownedJob] = []
    private var thread = pthread_t()
    private let remote = Mutex<[UnownedJob]>([])

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(epoll >= 0 && wakeup >= 0, "the process has no file descriptors left for its event loop")
        // A peer that is gone must surface as EPIPE at the write, not end the process.
        signal(SIGPIPE, SIG_IGN)
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: .max))
        epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event)
        let argument = Unmanaged.passUnretained(self).toOpaque()
        pthread_create(&thread, nil, { Unmanaged<LoopExecutor>.fromOpaque($0!).takeUnretainedValue().run() }, argument)
    }

    var isOnLoop: Bool { pthread_equal(pthread_self(), thread) != 0 }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            local.append(job)
        } else {
            let wasEmpty = remote.withLock { jobs in
                defer { jobs.append(job) }
                return jobs.isEmpty
            }
            if wasEmpty { eventfd_write(wakeup, 1) }
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    func checkIsolated() { precondition(isOnLoop, "@Loop code called outside the event loop") }

    @Loop func schedule(at instant: LoopInstant, _ action: @escaping @Loop () -> Void) -> LoopTimer {
        let nanoseconds = max(0, instant.nanoseconds - origin.nanoseconds)
        let tick = TimerWheel.tickNanoseconds
        return wheel.schedule(tick: UInt64(nanoseconds / tick) + (nanoseconds % tick == 0 ? 0 : 1), action)
    }

    @Loop func watch(
        _ fileDescriptor: Int32, for interest: Readiness, _ handler: @escaping @Loop (Readiness) -> Void
    ) throws(SystemCallError) -> FileWatch {
        generation &+= 1
        let watch = FileWatch(
            fileDescriptor, generation: generation, interest: interest, executor: self, handler: handler)
        var event = epollEvent(of: watch)
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, fileDescriptor, &event) == 0 else { throw SystemCallError("epoll_ctl") }
        let index = Int(fileDescriptor)
        if index >= watches.count { watches += repeatElement(nil, count: index + 64 - watches.count) }
        watches[index] = watch
        return watch
    }

    @Loop func modify(_ watch: FileWatch) {
        var event = epollEvent(of: watch)
        epoll_ctl(epoll, EPOLL_CTL_MOD, watch.fileDescriptor, &event)
    }

    @Loop func remove(_ watch: FileWatch) {
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, watch.fileDescriptor, &event)
        if watches[Int(watch.fileDescriptor)] === watch { watches[Int(watch.fileDescriptor)] = nil }
    }

    @Loop private func epollEvent(of watch: FileWatch) -> epoll_event {
        let token = UInt64(watch.generation) << 32 | UInt64(UInt32(bitPattern: watch.fileDescriptor))
        return epoll_event(events: watch.interest.epollEvents, data: epoll_data_t(u64: token))
    }

    private func run() -> Never {
        pthread_setname_np(pthread_self(), "event-loop")
        let capacity = 512
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        while true {
            turn(events, capacity)
        }
    }

    private func turn(_ events: UnsafeMutablePointer<epoll_event>, _ capacity: Int) {
        drainJobs()
        onLoop { finishTurn() }
        let count = epoll_wait(epoll, events, Int32(capacity), onLoop { waitMilliseconds() })
        now = .current
        for index in 0..<Int(max(0, count)) {
            let token = events[index].data.u64
            if token == .max {
                var value: eventfd_t = 0
                eventfd_read(wakeup, &value)
            } else {
                let readiness = Readiness(epollEvents: events[index].events)
                onLoop { dispatch(token, readiness) }
            }
            drainJobs()
        }
        onLoop { wheel.advance(to: tick(of: now)) }
    }

    @Loop private func dispatch(_ token: UInt64, _ readiness: Readiness) {
        let index = Int(token & 0xffff_ffff)
        guard index < watches.count, let watch = watches[index], watch.generation == UInt32(token >> 32) else { return }
        watch.handler?(readiness)
    }

    @Loop private func finishTurn() {
        while !endOfTurn.isEmpty {
            let actions = endOfTurn
            endOfTurn.removeAll(keepingCapacity: true)
            for action in actions { action() }
            drainJobs()
        }
    }

    private func drainJobs() {
        while true {
            if local.isEmpty { remote.withLock { swap(&$0, &local) } }
            guard !local.isEmpty else { return }
            swap(&ready, &local)
            for job in ready {
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            ready.removeAll(keepingCapacity: true)
        }
    }

    @Loop private func waitMilliseconds() -> Int32 {
        if !local.isEmpty { return 0 }
        guard let next = wheel.nextTick else { return -1 }
        let elapsed = LoopInstant.current.nanoseconds - origin.nanoseconds
        let remaining = Int64(next) * TimerWheel.tickNanoseconds - elapsed
        return remaining <= 0 ? 0 : Int32(min((remaining + 999_999) / 1_000_000, 3_600_000))
    }

    private func tick(of instant: LoopInstant) -> UInt64 {
        UInt64(max(0, instant.nanoseconds - origin.nanoseconds) / TimerWheel.tickNanoseconds)
    }

    /// The loop's own thread is the isolation, so entering it needs no check per event.
    private func onLoop<Value>(_ body: @Loop () -> Value) -> Value {
        withoutActuallyEscaping(body) { body in
            unsafeBitCast(body, to: (() -> Value).self)()
        }
    }
}
