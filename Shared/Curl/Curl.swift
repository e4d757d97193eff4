/// The only place that speaks to foreign HTTP and SMTP servers.
enum CurlModule {}
