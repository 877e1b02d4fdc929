#include "mime/mime_name.h"
#include "mime_test.h"

static const struct {
	const char *type, *name;
	const char *answer, *icon;
	enum mime_show show;
} types[] = {
    {"image/png", "", "image/png", "image", MIME_SHOW_IMAGE},
    {"image/jpg", "x", "image/jpeg", "image", MIME_SHOW_IMAGE},
    {"application/octet-stream", "PHOTO.JPEG", "image/jpeg", "image",
        MIME_SHOW_IMAGE},
    {"application/x-nothing", "a.pdf", "application/pdf", "pdf", MIME_SHOW_PDF},
    {"text/plain", "notes", "text/plain", "text", MIME_SHOW_TEXT},
    {"message/delivery-status", "", "text/plain", "text", MIME_SHOW_TEXT},
    {"message/feedback-report", "a.exe", "application/octet-stream", "program",
        MIME_SHOW_NOT},
    {"audio/mp3", "", "audio/mpeg", "audio", MIME_SHOW_AUDIO},
    {"video/mp4", "", "video/mp4", "video", MIME_SHOW_VIDEO},
    /* What can hold a script is never what it is. */
    {"text/html", "a.html", "application/octet-stream", "code", MIME_SHOW_NOT},
    {"TEXT/HTML", "a.txt", "application/octet-stream", "code", MIME_SHOW_NOT},
    {"application/xhtml+xml", "", "application/octet-stream", "code",
        MIME_SHOW_NOT},
    {"image/svg+xml", "a.png", "application/octet-stream", "image",
        MIME_SHOW_NOT},
    {"application/octet-stream", "a.svg", "application/octet-stream", "image",
        MIME_SHOW_NOT},
    {"text/xml", "", "application/octet-stream", "code", MIME_SHOW_NOT},
    {"text/javascript", "", "application/octet-stream", "program",
        MIME_SHOW_NOT},
    {"image/png", "holiday.png.exe", "application/octet-stream", "program",
        MIME_SHOW_NOT},
    {"text/plain", "run.JS", "application/octet-stream", "program",
        MIME_SHOW_NOT},
    /* Nothing of a stranger's gets into an answer. */
    {"text/html\r\nX: y", "", "application/octet-stream", "clip",
        MIME_SHOW_NOT},
    {"image/png text/plain", "", "application/octet-stream", "clip",
        MIME_SHOW_NOT},
    {"", "", "application/octet-stream", "clip", MIME_SHOW_NOT},
    {" ", ".", "application/octet-stream", "clip", MIME_SHOW_NOT},
    {"application/octet-stream", "a. ", "application/octet-stream", "clip",
        MIME_SHOW_NOT},
};

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct str declared =
		    heap_copy(types[i].type, strlen(types[i].type));
		struct str name =
		    heap_copy(types[i].name, strlen(types[i].name));
		const struct mime_type *type = mime_type_named(declared, name);

		expect_str(
		    types[i].type, str_c(type->type), str_c(types[i].answer));
		expect_str(
		    types[i].type, str_c(type->icon), str_c(types[i].icon));
		assert_int_equal(type->show, types[i].show);
		heap_free(declared);
		heap_free(name);
	}
}

static void
test_long_types(void **state)
{
	char much[300];

	(void)state;
	memset(much, 'a', sizeof(much));
	expect_str("long",
	    str_c(mime_type_find(
	        str_of(much, sizeof(much)), STR("png"), STR("x.gif"))
	              ->type),
	    STR("image/gif"));
	expect_str("parts",
	    str_c(mime_type_find(STR("image"), STR("gif"), STR(""))->type),
	    STR("image/gif"));
}

static const struct {
	const char *type;
	struct str first;
	const char *seen; /* NULL: not what it says */
} looks[] = {
    {"image/png", {"\x89PNG\r\n\x1a\n...", 11}, "image/png"},
    {"image/png", {"\x89PNG\r\n\x1a", 7}, NULL},
    {"image/png", {"<html>", 6}, NULL},
    {"image/jpeg", {"\xff\xd8\xff\xe0", 4}, "image/jpeg"},
    {"image/jpeg", {"GIF89a", 6}, "image/gif"},
    {"image/gif", {"GIF89a;", 7}, "image/gif"},
    {"image/webp", {"RIFF....WEBPVP8 ", 16}, "image/webp"},
    {"image/webp", {"RIFF....WAVE", 12}, NULL},
    {"image/avif", {"\0\0\0 ftypavif", 12}, "image/avif"},
    {"image/png", {"", 0}, NULL},
    {"application/pdf", {"%PDF-1.7", 8}, "application/pdf"},
    {"application/pdf", {"junk\n%PDF-1.7", 13}, "application/pdf"},
    {"application/pdf", {"<script>", 8}, NULL},
    {"application/pdf", {"%PD", 3}, NULL},
    {"text/plain", {"", 0}, "text/plain"},
};

static void
test_first_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct str first =
		    heap_copy(looks[i].first.ptr, looks[i].first.len);
		const struct mime_type *type =
		    mime_type_named(str_c(looks[i].type), STR(""));

		const struct mime_type *seen = mime_type_seen(type, first);

		if ((seen != NULL) != (looks[i].seen != NULL) ||
		    (seen != NULL && strcmp(seen->type, looks[i].seen) != 0))
			fail_msg("row %zu", i);
		heap_free(first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_long_types),
	    cmocka_unit_test(test_first_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
