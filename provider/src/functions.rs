//! The functions that Seedling adds to the configuration language, one file each. All are pure.

use seedling_schema::Function;

mod dotenv_decode;
mod image_parts;
mod parse_aks_id;

/// Every function of the provider.
pub fn all() -> Vec<Box<dyn Function>> {
    vec![
        Box::new(dotenv_decode::DotenvDecode),
        Box::new(image_parts::ImageParts),
        Box::new(parse_aks_id::ParseAksId),
    ]
}
