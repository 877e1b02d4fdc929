#ifndef MIME_MIME_TABLE_H
#define MIME_MIME_TABLE_H
/* Within mime/: what the columns of an address book mean (mime_table*.c). */
#include "mime/mime_person.h"

enum table_field {
	TABLE_UNKNOWN,
	TABLE_NAME,
	TABLE_GIVEN,
	TABLE_MIDDLE,
	TABLE_FAMILY,
	TABLE_PREFIX,
	TABLE_SUFFIX,
	TABLE_NICKNAME,
	TABLE_MAIL,
	TABLE_PHONE,
	TABLE_PHONE_KIND,
	TABLE_ORGANIZATION,
	TABLE_DEPARTMENT,
	TABLE_TITLE,
	TABLE_BOX,
	TABLE_EXTENDED,
	TABLE_STREET,
	TABLE_CITY,
	TABLE_REGION,
	TABLE_CODE,
	TABLE_COUNTRY,
	TABLE_PLACE,      /* a postal address in one cell */
	TABLE_PLACE_KIND, /* "Home", "Work" */
	TABLE_WEB,
	TABLE_BIRTHDAY,
	TABLE_YEAR,
	TABLE_MONTH,
	TABLE_DAY,
	TABLE_NOTE,
	TABLE_GROUPS
};
enum table_kind {
	TABLE_OTHER,
	TABLE_HOME,
	TABLE_WORK,
	TABLE_MOBILE,
	TABLE_FAX,
	TABLE_PAGER
};

/* Does a column of this kind make a table one of people? */
static inline bool
table_is_name(unsigned field)
{
	return (field >= TABLE_NAME && field <= TABLE_FAMILY) ||
	       field == TABLE_MAIL || field == TABLE_ORGANIZATION;
}

#endif
