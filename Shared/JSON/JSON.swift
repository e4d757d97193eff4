/// The only place that reads, writes and checks JSON text.
enum JSONModule {}
