//! Compiles the Protobuf schemas without an installed `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schemas = ["proto/wire.proto", "proto/content.proto"];
    for schema in schemas {
        println!("cargo:rerun-if-changed={schema}");
    }
    let descriptors = protox::compile(schemas, ["proto"])?;
    prost_build::Config::new()
        .enable_type_names()
        .compile_fds(descriptors)?;
    Ok(())
}
