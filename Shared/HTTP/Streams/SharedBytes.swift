/// Bytes that any number of streams send: written once, never changed, freed when the last stream has sent them.
package final class SharedBytes {
    let bytes: ByteView

    /// How many there are.
    package var count: Int { bytes.count }

    /// A copy of `bytes`.
    package init(_ bytes: some Collection<UInt8>) {
        let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = storage.initialize(fromContentsOf: bytes)
        self.bytes = ByteView(storage)
    }

    deinit { bytes.deallocate() }
}
