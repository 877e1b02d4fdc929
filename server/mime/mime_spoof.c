#include "mime/mime_spoof.h"

#include <unicode/uspoof.h>

#define LABEL_BYTES    400u /* 63 letters; what is longer is no label */
#define SKELETON_BYTES 2048u

static bool
is_ascii(const char *ptr, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)ptr[i] >= 0x80)
			return false;
	}
	return true;
}

/*
 * "æ" and "œ" have the skeletons "ae" and "oe", but nobody who reads their
 * languages mistakes them: they count as letters of their own.
 */
static bool
has_ligature(struct str label)
{
	return str_find(label, STR("\xc3\xa6"), 0) < label.len ||
	       str_find(label, STR("\xc5\x93"), 0) < label.len;
}

static bool
is_look_alike(const USpoofChecker *checker, struct str label)
{
	char skeleton[SKELETON_BYTES];
	UErrorCode rc = U_ZERO_ERROR;
	int32_t len = uspoof_getSkeletonUTF8(checker, 0, label.ptr,
	    (int32_t)label.len, skeleton, (int32_t)sizeof(skeleton), &rc);

	if (U_FAILURE(rc) || len <= 0 || (size_t)len > sizeof(skeleton))
		return true;
	return is_ascii(skeleton, (size_t)len) && !has_ligature(label);
}

/*
 * A checker for each call: opening one takes some microseconds once ICU has
 * read its tables (0.3 ms, at the first), and nothing is shared by threads.
 */
bool
mime_spoof_is_confusable(struct str label, bool is_foreign_top)
{
	UErrorCode rc = U_ZERO_ERROR;
	USpoofChecker *checker = NULL;
	int32_t found = 0;
	bool is_alike = false;

	if (is_ascii(label.ptr, label.len))
		return false;
	if (label.len > LABEL_BYTES)
		return true;
	checker = uspoof_open(&rc);
	if (U_FAILURE(rc))
		return true;
	uspoof_setChecks(checker,
	    USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE | USPOOF_MIXED_NUMBERS,
	    &rc);
	uspoof_setRestrictionLevel(checker, USPOOF_HIGHLY_RESTRICTIVE);
	found = uspoof_check2UTF8(
	    checker, label.ptr, (int32_t)label.len, NULL, &rc);
	is_alike = !is_foreign_top && is_look_alike(checker, label);
	uspoof_close(checker);
	return U_FAILURE(rc) || found != 0 || is_alike;
}
