/* care.c - the words for care.h's numbers. */
#include "domain/care.h"

const char *const conversation_state_names[] = {"open", "closed", NULL};
const char *const message_kind_names[] = {"text", "notice", NULL};
