/** The media types and annotation keys of OCI that runseal reads and writes. @module */

/** An image manifest. */
export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/** An index: of a layout, of a fallback tag, of an answer of the referrers API. */
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";

/** The empty configuration, two bytes `{}`. */
export const EMPTY_TYPE = "application/vnd.oci.empty.v1+json";

/** The path at which `oras pull` puts a layer. */
export const TITLE_ANNOTATION = "org.opencontainers.image.title";

/** The tag of a manifest in the index of a layout. */
export const REF_NAME_ANNOTATION = "org.opencontainers.image.ref.name";
