import Glibc

/// A failed system call with the `errno` it left behind.
package struct SystemCallError: Error, CustomStringConvertible, Equatable {
    /// The function that failed, for example `"epoll_ctl"`.
    package let call: String
    /// The value of `errno` right after the call.
    package let code: Int32

    /// The failure of `call`, with the calling thread's current `errno`.
    package init(_ call: String) { self.init(call, code: errno) }

    /// The failure of `call` with a known code.
    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// `call: text of the code`.
    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}
