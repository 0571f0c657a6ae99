//! The prediction as one page that needs nothing else: the picture of the lab, in which whatever is clicked fails, and what follows.
//!
//! The page carries the circuit itself and works it out in the reader's browser, so that any set of failures can be tried, not only
//! those that somebody thought of. `page.js` evaluates gates and writes lists; it knows nothing of labs.

mod data;
mod picture;

use crate::answers::{Forecast, overview};
use data::data;
use picture::{Picture, picture};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page. UTF-8, without any reference to another file or host.
pub fn render(forecast: &Forecast<'_>) -> String {
    let name = forecast.lab.head.name.as_ref().map_or("the lab", |name| name.text.as_ref());
    let picture = picture(forecast);
    let data = data(forecast, &overview(forecast), &picture);
    let svg = lab_show::picture::render_svg(&picture.graph);
    let services = services(&picture);
    let name = escape(name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>What breaks in {name}</title>\n\
<style>\n{STYLE}</style>\n</head>\n<body>\n\
<header><h1>What breaks in {name}</h1><p id=\"headline\"></p></header>\n\
<main>\n<div>\n<section id=\"picture\" aria-label=\"Picture of the lab\">\n{svg}</section>\n\
<section id=\"services\" aria-label=\"Services\"><h2>Services</h2>\n{services}</section>\n</div>\n\
<aside>\n<section id=\"now\" aria-live=\"polite\"></section>\n\
<section id=\"try\"><h2>Let something fail</h2><input id=\"search\" type=\"search\" placeholder=\"a part: cable, drive, supply, device\" \
aria-label=\"Search parts\"><ul id=\"found\"></ul></section>\n</aside>\n</main>\n\
<section id=\"singles\"><h2>Single failures that somebody notices, worst first</h2><table><thead><tr><th>any one of these</th>\
<th>and this follows</th></tr></thead><tbody></tbody></table></section>\n<section id=\"promises\"></section>\n<section id=\"assumed\"></section>\n\
<noscript>This page works out what follows in the browser, so it needs JavaScript. `labwright predict` says the same as text.</noscript>\n\
<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// A button for each service; their boxes follow those of the drawing.
fn services(picture: &Picture) -> String {
    let first = picture.boxes.len() - picture.services.len();
    let button = |(at, name): (usize, &String)| {
        format!("<button class=\"service\" data-key=\"n{}\">{}</button>\n", first + at, escape(name))
    };
    picture.services.iter().enumerate().map(button).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
