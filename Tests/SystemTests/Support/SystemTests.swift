import Testing

/// The whole system from outside. One suite at a time: each starts a dozen processes, and the fault tests measure time.
@Suite("The running system", .serialized) struct SystemTests {}
