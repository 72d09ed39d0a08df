/* account.c - the words for account.h's numbers. */
#include "domain/account.h"

const char *const account_state_names[] = {"active", "disabled", NULL};
