#ifndef MAIN_CHECK_H
#define MAIN_CHECK_H
/*
 * iwebmsgd --check: tries what the server would use and prints one line for
 * each, "ok" or "WRONG" with what is wrong and how to mend it. Makes nothing
 * that was not there.
 */

/* The exit status: 0 when all is well, 1 otherwise. */
int main_check_run(const char *ini);

#endif
