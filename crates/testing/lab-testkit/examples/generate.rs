//! Writes a generated lab into a folder: `generate DEVICES FOLDER [SEED [SERVICES]]`.

use lab_testkit::generate_crowded;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [devices, folder, more @ ..] = &arguments[..] else {
        return Err(std::io::Error::other("usage: generate DEVICES FOLDER [SEED [SERVICES]]"));
    };
    let number = |text: &String| text.parse().map_err(std::io::Error::other);
    let seed = more.first().map_or(Ok(1), |seed| seed.parse().map_err(std::io::Error::other))?;
    let n_services = more.get(1).map_or(Ok(0), number)?;
    for (name, bytes) in generate_crowded(number(devices)?, seed, n_services) {
        let path = Path::new(folder).join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(path, bytes)?;
    }
    Ok(())
}
