import EventLoop
import Glibc

/// Lets this process have as many files and sockets open as the system allows it; a device takes one.
func raiseOpenFileLimit() throws(SystemCallError) {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { throw SystemCallError("getrlimit") }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(resource, &limit) == 0 else { throw SystemCallError("setrlimit") }
}
