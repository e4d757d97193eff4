/// The only place that declares what the services say to each other and to the world.
enum ModelsModule {}
