//! Writes a generated lab into a folder: `generate DEVICES FOLDER [SEED]`.

use lab_testkit::generate;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [devices, folder, seed @ ..] = &arguments[..] else {
        return Err(std::io::Error::other("usage: generate DEVICES FOLDER [SEED]"));
    };
    let number = |text: &String| text.parse().map_err(std::io::Error::other);
    let seed = seed.first().map_or(Ok(1), |seed| seed.parse().map_err(std::io::Error::other))?;
    for (name, bytes) in generate(number(devices)?, seed) {
        let path = Path::new(folder).join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
