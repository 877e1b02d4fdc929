/* BODYSTRUCTURE to parts: sections must be findable, texts must be text. */
#include "base/limits.h"
#include "mail/imap_structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static size_t
check_part(const struct mime_part *part, unsigned depth)
{
	size_t count = 1;

	ensure(depth <= LIMIT_MIME_DEPTH + 1);
	ensure(part->type.len > 0 || part->part_count == 0);
	ensure(str_is_utf8(part->name.s));
	ensure(str_is_utf8(part->description.s));
	ensure(str_find_byte(part->name.s, '/', 0) == part->name.s.len);
	for (size_t i = 0; i < part->section.len; i++)
		ensure(strchr("0123456789.", part->section.ptr[i]) != NULL);
	for (size_t i = 0; i < part->part_count; i++)
		count += check_part(&part->parts[i], depth + 1);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct imap_token list[4096];
	struct arena *arena = arena_new((size_t)64 << 20);
	char *copy = malloc(len + 1);
	struct imap_tokens tokens;
	struct mime_part *root;
	bool is_incomplete = false;

	if (arena != NULL && copy != NULL) {
		memcpy(copy, bytes, len);
		tokens = imap_tokens_parse(copy, len, list, 4096);
		(void)imap_structure_has_attachment(&tokens, 0);
		root = imap_structure_parse(
		    &tokens, 0, &mime_limits_default, arena, &is_incomplete);
		if (root != NULL)
			ensure(check_part(root, 0) <= LIMIT_MIME_PARTS);
	}
	free(copy);
	arena_free(arena);
	return 0;
}
