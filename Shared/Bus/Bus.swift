/// The only place that carries messages between services.
enum BusModule {}
