/// The only place that starts, observes and stops a process.
enum ServiceRuntimeModule {}
