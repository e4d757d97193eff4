import Glibc

/// How many files and sockets this process may have open (getrlimit(2), `RLIMIT_NOFILE`).
package enum OpenFiles {
    private static let mostKept: rlim_t = 1000

    /// The soft limit, as it is now; zero if the system does not tell.
    static var limit: rlim_t {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit.rlim_cur : 0
    }

    /// What sockets that stay open may take, so that requests, the database, Redis and the log still find descriptors: the
    /// limit without a quarter of it, or without 1000. A process that lets sockets take more can accept nothing at all
    /// when they are many.
    package static var forSockets: Int { forSockets(of: limit) }

    static func forSockets(of limit: rlim_t) -> Int { Int(clamping: limit - min(limit / 4, mostKept)) }
}
