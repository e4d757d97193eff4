import CCurl

/// One easy handle with what it sends and receives. It belongs to the thread that runs it, whichever that is.
final class Transfer {
    private static let longestHeaders = 64 * 1024

    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    let easy: UnsafeMutableRawPointer
    private let message: UnsafeMutablePointer<CChar>
    private let bodyLimit: Int
    private let upload: [UInt8]
    private var uploaded = 0
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var headerBytes = 0

    /// The lines of the server's answer besides the body, without line ends.
    private(set) var lines: [String] = []
    private(set) var body: [UInt8] = []
    private(set) var isBodyTooLarge = false
    /// True as soon as libcurl has asked for the first byte of `upload`.
    private(set) var hasBegunUpload = false
    /// True when libcurl has all of `upload`.
    private(set) var hasUploaded = false
    /// Asked before the first byte of `upload` is handed out; false aborts the transfer.
    var proceed: () -> Bool = { true }
    /// Called when libcurl has all of `upload`, while the transfer runs.
    var onUploaded: (Transfer) -> Void = { _ in }
    /// Called for each of `lines`, while the transfer runs.
    var onLine: (Transfer, String) -> Void = { _, _ in }

    /// An easy handle, with connections of its own.
    static func newHandle() -> UnsafeMutableRawPointer {
        guard isLibraryReady, let easy = curl_easy_init() else { preconditionFailure("libcurl is out of memory") }
        return easy
    }

    /// A transfer on a new handle, or on one that an earlier transfer was detached from.
    init(url: String, upload: [UInt8] = [], bodyLimit: Int, on easy: UnsafeMutableRawPointer? = nil) {
        self.easy = easy ?? Self.newHandle()
        self.upload = upload
        self.bodyLimit = bodyLimit
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_URL, url)
        set(CURLOPT_NOSIGNAL, 1)
        // Ending a transfer must not wait for the thread that still resolves its host name.
        set(CURLOPT_QUICK_EXIT, 1)
        // The environment is read in one place, and that is not libcurl.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_ERRORBUFFER, pointer: message)
        let owner = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_WRITEDATA, pointer: owner)
        set(CURLOPT_HEADERDATA, pointer: owner)
        set(CURLOPT_READDATA, pointer: owner)
        _ = ebon_curl_set_transfer(self.easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, owner in
            Transfer.from(owner).receive(bytes!, size * count)
        }
        _ = ebon_curl_set_transfer(self.easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, owner in
            Transfer.from(owner).receiveLine(bytes!, size * count)
        }
        _ = ebon_curl_set_transfer(self.easy, CURLOPT_READFUNCTION) { bytes, size, count, owner in
            Transfer.from(owner).send(bytes!, size * count)
        }
    }

    var uploadSize: Int { upload.count }

    func set(_ option: CURLoption, _ value: Int) { _ = ebon_curl_set_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = ebon_curl_set_string(easy, option, value) }
    func set(_ option: CURLoption, size: Int) { _ = ebon_curl_set_size(easy, option, curl_off_t(size)) }
    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) {
        _ = ebon_curl_set_pointer(easy, option, pointer)
    }

    func set(_ option: CURLoption, list: [String]) {
        guard let list = list.reduce(nil, { curl_slist_append($0, $1) }) else { return }
        lists.append(list)
        set(option, pointer: list)
    }

    /// The bytes that libcurl copies as the body of a request.
    func setBody(_ bytes: [UInt8]) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, size: bytes.count)
        // Without a pointer libcurl would ask the read callback; an empty array has none of its own.
        _ = (bytes.isEmpty ? [0] : bytes).withUnsafeBytes { bytes in
            ebon_curl_set_string(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        }
    }

    /// How the handle's run ended, given its result code.
    func result(_ code: CURLcode) -> TransferResult {
        var status = 0
        var connections = 0
        _ = ebon_curl_response_code(easy, &status)
        _ = ebon_curl_connections_made(easy, &connections)
        let text = message[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: message)
        return TransferResult(code: code, status: status, connections: connections, text: text)
    }

    /// Releases everything but what was received; the handle must not be running, and is not to be used again.
    func release() {
        curl_easy_cleanup(easy)
        releaseMemory()
    }

    /// The same, but for the handle and its connections, which are for the next transfer.
    func detach() {
        curl_easy_reset(easy)
        releaseMemory()
    }

    private func releaseMemory() {
        for list in lists { curl_slist_free_all(list) }
        message.deallocate()
    }

    private static func from(_ owner: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged.fromOpaque(owner!).takeUnretainedValue()
    }

    private func receive(_ bytes: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
        guard body.count + count <= bodyLimit else {
            isBodyTooLarge = true
            return 0
        }
        body += UnsafeRawBufferPointer(start: bytes, count: count)
        return count
    }

    private func receiveLine(_ bytes: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
        headerBytes += count
        guard headerBytes <= Self.longestHeaders else { return 0 }
        let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        lines.append(String(line.prefix { !$0.isNewline }))
        onLine(self, lines[lines.count - 1])
        return count
    }

    private func send(_ bytes: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        if !hasBegunUpload {
            hasBegunUpload = true
            guard proceed() else { return Int(CURL_READFUNC_ABORT) }
        }
        let count = min(capacity, upload.count - uploaded)
        UnsafeMutableRawBufferPointer(start: bytes, count: capacity).copyBytes(
            from: upload[uploaded..<uploaded + count])
        uploaded += count
        if uploaded == upload.count, !hasUploaded {
            hasUploaded = true
            onUploaded(self)
        }
        return count
    }
}

/// How a transfer ended, in libcurl's and in the server's words.
struct TransferResult {
    let code: CURLcode
    /// The last status of the protocol; 0 if there was none.
    let status: Int
    /// How many connections were made for it; none if a kept one served.
    let connections: Int
    /// libcurl's description of the failure.
    let text: String
}
