/// The only place that declares what an HTTP endpoint is.
enum EndpointsModule {}
