/// The only place that computes digests, signatures, tokens and randomness.
enum CryptoModule {}
