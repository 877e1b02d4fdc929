#include "mime/mime_type.h"

#include "base/tr.h"
/*
 * Nothing that can hold a script is shown or named as what it is: HTML, XML,
 * SVG, and everything that is not here are "application/octet-stream".
 */
#define BYTES "application/octet-stream"

struct row {
	struct mime_type type;
	const char *names;      /* declared types, blanks between */
	const char *extensions; /* likewise; the first is type.extension */
};

#define ROW(type, extension, icon, words, show, names, more)        \
	{                                                           \
		{type, extension, icon, words, show, false}, names, \
		    extension " " more                              \
	}

static const struct row rows[] = {
    ROW("image/png", "png", "image", N_("PNG image"), MIME_SHOW_IMAGE,
        "image/png image/x-png image/apng", "apng"),
    ROW("image/jpeg", "jpg", "image", N_("JPEG image"), MIME_SHOW_IMAGE,
        "image/jpeg image/jpg image/pjpeg", "jpeg jpe jfif"),
    ROW("image/gif", "gif", "image", N_("GIF image"), MIME_SHOW_IMAGE,
        "image/gif", ""),
    ROW("image/webp", "webp", "image", N_("WebP image"), MIME_SHOW_IMAGE,
        "image/webp", ""),
    ROW("image/avif", "avif", "image", N_("AVIF image"), MIME_SHOW_IMAGE,
        "image/avif", ""),
    ROW("application/pdf", "pdf", "pdf", N_("PDF document"), MIME_SHOW_PDF,
        "application/pdf application/x-pdf text/pdf", ""),
    ROW("text/plain", "txt", "text", N_("Text"), MIME_SHOW_TEXT,
        "text/plain text/x-log text/markdown text/x-diff text/x-patch",
        "text log md markdown diff patch"),
    /* Parts of reports: fields, a line each. By its name it is a text. */
    ROW("text/plain", "txt", "text", N_("Delivery report"), MIME_SHOW_TEXT,
        "message/delivery-status message/global-delivery-status", ""),
    ROW("text/plain", "txt", "text", N_("Receipt"), MIME_SHOW_TEXT,
        "message/disposition-notification "
        "message/global-disposition-notification",
        ""),
    ROW("text/plain", "txt", "text", N_("Complaint"), MIME_SHOW_TEXT,
        "message/feedback-report", ""),
    ROW("text/plain", "txt", "text", N_("Header of a message"), MIME_SHOW_TEXT,
        "text/rfc822-headers message/global-headers", ""),
    ROW("text/csv", "csv", "sheet", N_("Table (CSV)"), MIME_SHOW_TEXT,
        "text/csv text/comma-separated-values text/tab-separated-values",
        "tsv"),
    ROW("text/calendar", "ics", "calendar", N_("Calendar entry"),
        MIME_SHOW_TEXT, "text/calendar application/ics", "ical ifb"),
    ROW("text/vcard", "vcf", "contact", N_("Contact"), MIME_SHOW_TEXT,
        "text/vcard text/x-vcard text/directory", "vcard"),
    ROW("audio/mpeg", "mp3", "audio", N_("MP3 sound"), MIME_SHOW_AUDIO,
        "audio/mpeg audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg", ""),
    ROW("audio/mp4", "m4a", "audio", N_("MPEG-4 sound"), MIME_SHOW_AUDIO,
        "audio/mp4 audio/x-m4a audio/m4a audio/aac", "aac"),
    ROW("audio/ogg", "ogg", "audio", N_("Ogg sound"), MIME_SHOW_AUDIO,
        "audio/ogg application/ogg audio/opus audio/vorbis", "oga opus"),
    ROW("audio/wav", "wav", "audio", N_("WAV sound"), MIME_SHOW_AUDIO,
        "audio/wav audio/x-wav audio/wave audio/vnd.wave", ""),
    ROW("audio/webm", "weba", "audio", N_("WebM sound"), MIME_SHOW_AUDIO,
        "audio/webm", ""),
    ROW("audio/flac", "flac", "audio", N_("FLAC sound"), MIME_SHOW_AUDIO,
        "audio/flac audio/x-flac", ""),
    ROW("video/mp4", "mp4", "video", N_("MPEG-4 video"), MIME_SHOW_VIDEO,
        "video/mp4 video/x-m4v", "m4v"),
    ROW("video/webm", "webm", "video", N_("WebM video"), MIME_SHOW_VIDEO,
        "video/webm", ""),
    ROW("video/ogg", "ogv", "video", N_("Ogg video"), MIME_SHOW_VIDEO,
        "video/ogg", ""),
    ROW(BYTES, "mov", "video", N_("QuickTime video"), MIME_SHOW_NOT,
        "video/quicktime", "qt"),
    ROW(BYTES, "avi", "video", N_("AVI video"), MIME_SHOW_NOT,
        "video/x-msvideo video/avi", ""),
    ROW(BYTES, "heic", "image", N_("HEIC image"), MIME_SHOW_NOT,
        "image/heic image/heif", "heif"),
    ROW(BYTES, "tif", "image", N_("TIFF image"), MIME_SHOW_NOT,
        "image/tiff image/x-tiff", "tiff"),
    ROW(BYTES, "bmp", "image", N_("BMP image"), MIME_SHOW_NOT,
        "image/bmp image/x-ms-bmp image/x-bmp", ""),
    ROW(BYTES, "svg", "image", N_("SVG drawing"), MIME_SHOW_NOT,
        "image/svg+xml image/svg", "svgz"),
    ROW("application/zip", "zip", "archive", N_("Zip archive"), MIME_SHOW_NOT,
        "application/zip application/x-zip-compressed application/x-zip", ""),
    ROW(BYTES, "7z", "archive", N_("Archive"), MIME_SHOW_NOT,
        "application/x-7z-compressed application/x-rar-compressed "
        "application/vnd.rar application/x-rar application/x-xz "
        "application/x-bzip2 application/zstd",
        "rar xz bz2 zst lz lzma cab"),
    ROW(BYTES, "tar", "archive", N_("Archive"), MIME_SHOW_NOT,
        "application/x-tar", ""),
    ROW(BYTES, "gz", "archive", N_("Archive"), MIME_SHOW_NOT,
        "application/gzip application/x-gzip application/x-compressed-tar",
        "tgz"),
    ROW(BYTES, "docx", "document", N_("Word document"), MIME_SHOW_NOT,
        "application/vnd.openxmlformats-officedocument.wordprocessingml"
        ".document",
        ""),
    ROW(BYTES, "doc", "document", N_("Word document"), MIME_SHOW_NOT,
        "application/msword", "dot"),
    ROW(BYTES, "odt", "document", N_("OpenDocument text"), MIME_SHOW_NOT,
        "application/vnd.oasis.opendocument.text", ""),
    ROW(BYTES, "rtf", "document", N_("Rich text"), MIME_SHOW_NOT,
        "application/rtf text/rtf text/richtext", ""),
    ROW(BYTES, "xlsx", "sheet", N_("Excel sheet"), MIME_SHOW_NOT,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ""),
    ROW(BYTES, "xls", "sheet", N_("Excel sheet"), MIME_SHOW_NOT,
        "application/vnd.ms-excel application/msexcel", ""),
    ROW(BYTES, "ods", "sheet", N_("OpenDocument sheet"), MIME_SHOW_NOT,
        "application/vnd.oasis.opendocument.spreadsheet", ""),
    ROW(BYTES, "pptx", "slides", N_("PowerPoint slides"), MIME_SHOW_NOT,
        "application/vnd.openxmlformats-officedocument.presentationml"
        ".presentation",
        ""),
    ROW(BYTES, "ppt", "slides", N_("PowerPoint slides"), MIME_SHOW_NOT,
        "application/vnd.ms-powerpoint", "pps ppsx"),
    ROW(BYTES, "odp", "slides", N_("OpenDocument slides"), MIME_SHOW_NOT,
        "application/vnd.oasis.opendocument.presentation", ""),
    ROW(BYTES, "epub", "document", N_("E-book"), MIME_SHOW_NOT,
        "application/epub+zip", "mobi azw3"),
    ROW("message/rfc822", "eml", "message", N_("Message"), MIME_SHOW_NOT,
        "message/rfc822 message/global", ""),
    ROW(BYTES, "dat", "archive", N_("Outlook bundle"), MIME_SHOW_NOT,
        "application/ms-tnef application/vnd.ms-tnef", ""),
    ROW(BYTES, "msg", "message", N_("Outlook message"), MIME_SHOW_NOT,
        "application/vnd.ms-outlook", ""),
    ROW(BYTES, "asc", "key", N_("OpenPGP"), MIME_SHOW_NOT,
        "application/pgp-signature application/pgp-keys "
        "application/pgp-encrypted",
        "pgp gpg sig"),
    ROW(BYTES, "p7s", "key", N_("Signature or certificate"), MIME_SHOW_NOT,
        "application/pkcs7-signature application/x-pkcs7-signature "
        "application/pkcs7-mime application/x-pkcs7-mime",
        "p7m p7c"),
    ROW(BYTES, "html", "code", N_("Web page"), MIME_SHOW_NOT,
        "text/html application/xhtml+xml", "htm xhtml shtml mht mhtml"),
    ROW(BYTES, "xml", "code", N_("XML"), MIME_SHOW_NOT,
        "text/xml application/xml", "xsl xslt"),
    ROW(BYTES, "json", "code", N_("JSON"), MIME_SHOW_NOT, "application/json",
        "css py c h java sh pl rb php"),
    {{BYTES, "exe", "program", N_("Program"), MIME_SHOW_NOT, true},
        "application/x-msdownload application/x-msdos-program "
        "application/x-ms-installer application/x-ms-shortcut "
        "application/java-archive application/javascript text/javascript "
        "application/x-javascript application/hta application/x-iso9660-image",
        "exe com bat cmd scr pif msi msp js jse mjs vbs vbe wsf wsh ps1 psm1 "
        "hta lnk url jar cpl reg dll sys inf scf iso img vhd vhdx apk app dmg "
        "pkg deb rpm appimage docm xlsm pptm dotm xll chm one"},
};

static const struct mime_type unknown = {
    BYTES, "", "clip", N_("File"), MIME_SHOW_NOT, false};

/* Is the word among those of the list? Case of ASCII letters is ignored. */
static bool
has_word(const char *list, struct str word)
{
	struct str rest = str_c(list);

	while (rest.len > 0)
		if (str_eq_nocase(str_cut(&rest, ' '), word))
			return word.len > 0;
	return false;
}

static const struct mime_type *
by_declared(struct str type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (has_word(rows[i].names, type))
			return &rows[i].type;
	return NULL;
}

static const struct mime_type *
by_name(struct str name)
{
	size_t dot = name.len;

	while (dot > 0 && name.ptr[dot - 1] != '.')
		dot--;
	if (dot == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (has_word(
		        rows[i].extensions, str_slice(name, dot, name.len)))
			return &rows[i].type;
	return NULL;
}

const struct mime_type *
mime_type_named(struct str type, struct str name)
{
	const struct mime_type *declared = by_declared(type);
	const struct mime_type *named = by_name(name);

	/* What a system would run when it is opened stays a program. */
	if (named != NULL && named->is_program)
		return named;
	if (declared != NULL)
		return declared;
	return named != NULL ? named : &unknown;
}

const struct mime_type *
mime_type_find(struct str type, struct str subtype, struct str name)
{
	char joined[128];
	size_t len = type.len + 1 + subtype.len;

	if (len > sizeof(joined))
		return mime_type_named(STR(""), name);
	if (type.len > 0)
		memcpy(joined, type.ptr, type.len);
	joined[type.len] = '/';
	if (subtype.len > 0)
		memcpy(joined + type.len + 1, subtype.ptr, subtype.len);
	return mime_type_named(str_of(joined, len), name);
}

const struct mime_type *
mime_type_of(const struct mime_part *part)
{
	return mime_type_find(part->type, part->subtype, part->name.s);
}

/* ---- first bytes ---- */

struct mark {
	const char *type;
	size_t at;
	struct str bytes;
};

static const struct mark marks[] = {
    {"image/png", 0, {"\x89PNG\r\n\x1a\n", 8}},
    {"image/jpeg", 0, {"\xff\xd8\xff", 3}},
    {"image/gif", 0, {"GIF87a", 6}},
    {"image/gif", 0, {"GIF89a", 6}},
    {"image/webp", 8, {"WEBP", 4}},
    {"image/avif", 4, {"ftypavif", 8}},
    {"image/avif", 4, {"ftypavis", 8}},
    {"image/avif", 4, {"ftypmif1", 8}},
};

/* Readers take what stands before it (PDF 1.7, H.3). */
static bool
is_pdf(struct str first)
{
	struct str look = str_slice(first, 0, MIME_TYPE_LOOK_BYTES);

	return str_find(look, STR("%PDF-"), 0) < look.len;
}

const struct mime_type *
mime_type_seen(const struct mime_type *type, struct str first)
{
	if (type->show == MIME_SHOW_PDF)
		return is_pdf(first) ? type : NULL;
	if (type->show != MIME_SHOW_IMAGE)
		return type;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct mark *mark = &marks[i];
		struct str there =
		    str_slice(first, mark->at, mark->at + mark->bytes.len);

		if (str_eq(there, mark->bytes))
			return mime_type_named(str_c(mark->type), STR(""));
	}
	return NULL;
}
