/*
 * A PKCS#11 library for tests: hands every call to a real one (PKCS11_REAL), and first does what the lines of a file
 * (PKCS11_FAULTS) say, which it reads at every call:
 *
 *   C_Login value 0xa4       returns this value, without the real function
 *   C_Encrypt then 0x30      returns this value, after the real function
 *   C_Encrypt hang           waits for ever
 *   C_Encrypt crash          ends the process by a signal, as a defect does
 *   C_SetPIN kill-before     SIGKILL, before or after the real function
 *   C_SetPIN kill-after
 *   C_Encrypt length 99      writes this to the length or count that the function returns
 *   C_GenerateRandom skip    returns CKR_OK, and does nothing
 *   C_Encrypt iv-written     wants 12 zero bytes as initialization vector, and writes its own over them
 *   C_Encrypt iv-appended    appends its initialization vector to the ciphertext
 *   C_GetSlotList no-token   no slot has a token
 *   C_Login none             is not in the list of functions
 *   C_Encrypt slow 2         begins after so many milliseconds, as over a network
 *   C_Encrypt together 50    waits until 50 calls wait; if there are not so many within 5 seconds, CKR_FUNCTION_FAILED
 *   C_Encrypt until-login 2  CKR_SESSION_HANDLE_INVALID until the user has logged in twice
 *   C_Encrypt until-initialized 2  the same, until the library was initialized twice
 *   C_Login times 2          CKR_PIN_LOCKED once it has succeeded twice
 *   C_OpenSession at-most 3  CKR_SESSION_COUNT while 3 are open; must be there from the first one on
 *   C_GenerateKey alone 20   takes so many milliseconds; CKR_DATA_INVALID if another function runs meanwhile
 *
 * It ends the process where the standard is broken: C_Initialize or C_Finalize beside other functions, two functions in one
 * session. In the file PKCS11_COUNTS it counts the calls of each function.
 *
 * Where PKCS11_ARGUMENTS is set, it is given to C_Initialize: for programs that cannot, such as pkcs11-tool with NSS.
 *
 * All arguments of the functions have the size of a pointer, or are passed as if they had.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*function)(word, word, word, word, word);

#define COUNT 68 /* of the functions of version 2; also known to token.ts */
static struct {
  unsigned char version[8];
  function functions[COUNT];
} ours, *real;

static const char *NAMES[COUNT] = {
    "C_Initialize", "C_Finalize", "C_GetInfo", "C_GetFunctionList", "C_GetSlotList", "C_GetSlotInfo", "C_GetTokenInfo",
    "C_GetMechanismList", "C_GetMechanismInfo", "C_InitToken", "C_InitPIN", "C_SetPIN", "C_OpenSession",
    "C_CloseSession", "C_CloseAllSessions", "C_GetSessionInfo", "C_GetOperationState", "C_SetOperationState", "C_Login",
    "C_Logout", "C_CreateObject", "C_CopyObject", "C_DestroyObject", "C_GetObjectSize", "C_GetAttributeValue",
    "C_SetAttributeValue", "C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal", "C_EncryptInit", "C_Encrypt",
    "C_EncryptUpdate", "C_EncryptFinal", "C_DecryptInit", "C_Decrypt", [58] = "C_GenerateKey", [64] = "C_GenerateRandom",
};

/* what the file says of a function */
static int told(const char *name, char *action, char *argument) {
  char line[256], function_name[64];
  const char *path = getenv("PKCS11_FAULTS");
  FILE *file = path ? fopen(path, "r") : NULL;
  int found = 0;
  while (file && !found && fgets(line, sizeof line, file)) {
    argument[0] = 0;
    found = sscanf(line, "%63s %31s %31s", function_name, action, argument) >= 2 && !strcmp(function_name, name);
  }
  if (file) fclose(file);
  return found;
}

static unsigned char own_iv[12] = {1, 2, 3};
static unsigned char *given_iv;

static word with_iv(int number, const char *mode, word a, word b, word c, word d, word e) {
  word value;
  if (number == 29) {
    word *mechanism = (word *)b;
    unsigned char *iv = *(unsigned char **)mechanism[1], zeros[12] = {0};
    if (memcmp(iv, zeros, 12)) return 0x71;
    own_iv[11]++;
    memcpy(iv, own_iv, 12);
    value = real->functions[29](a, b, c, d, e);
    given_iv = iv;
    return value;
  }
  value = real->functions[30](a, b, c, d, e);
  if (!strcmp(mode, "iv-appended") && value == 0) {
    word *length = (word *)e;
    memset(given_iv, 0, 12);
    memcpy((unsigned char *)d + *length, own_iv, 12);
    *length += 12;
  }
  return value;
}

#define ADD(count, number) __atomic_add_fetch(&count, number, __ATOMIC_SEQ_CST)
#define READ(count) __atomic_load_n(&count, __ATOMIC_SEQ_CST)

static word calls, succeeded[COUNT], open_sessions;

static word alone(word ms) {
  word others = 0;
  for (; ms && !others; ms--, usleep(1000)) others = READ(calls) - 1;
  return others ? 0x20 : 0;
}

static word together(word count) {
  static word waiting[64], verdict[64]; /* of each count: 1 there were so many, 2 there were not */
  word none = 0, found = ADD(waiting[count], 1) >= count ? 1 : 2;
  for (int ms = 0; found == 2 && ms < 5000 && !READ(verdict[count]); ms++) usleep(1000);
  __atomic_compare_exchange_n(&verdict[count], &none, found, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return READ(verdict[count]) == 1 ? 0 : 6;
}

/* what depends on other calls; 0: the real function is called */
static word counted(int number, const char *action, word count) {
  if (!strcmp(action, "together")) return together(count);
  if (!strcmp(action, "alone")) return alone(count);
  if (!strcmp(action, "until-login")) return READ(succeeded[18]) < count ? 0xb3 : 0;
  if (!strcmp(action, "until-initialized")) return READ(succeeded[0]) < count ? 0xb3 : 0;
  if (!strcmp(action, "times")) return READ(succeeded[number]) >= count ? 0xa4 : 0;
  if (!strcmp(action, "at-most") && ADD(open_sessions, 1) > count) return ADD(open_sessions, -1), 0xb1;
  return 0;
}

static word with_faults(int number, word a, word b, word c, word d, word e) {
  char action[32] = "", argument[32] = "";
  word value, count, arguments[6] = {0, 0, 0, 0, 2, (word)getenv("PKCS11_ARGUMENTS")};
  if (number == 0 && arguments[5]) a = (word)arguments;
  if ((number == 29 || number == 30) && told("C_Encrypt", action, argument) && !strncmp(action, "iv-", 3))
    return with_iv(number, action, a, b, c, d, e);
  if (number == 1) open_sessions = 0;
  if (number == 13) ADD(open_sessions, -1);
  if (!told(NAMES[number], action, argument)) return real->functions[number](a, b, c, d, e);
  count = strtoul(argument, NULL, 0);
  value = !strcmp(action, "value") ? count : counted(number, action, count);
  if (value && (number == 30 || number == 34)) real->functions[number](a, b, c, d, e); /* which ends the operation */
  if (value) return value;
  if (!strcmp(action, "hang")) for (;;) sleep(1000);
  if (!strcmp(action, "crash")) raise(SIGSEGV);
  if (!strcmp(action, "kill-before")) raise(SIGKILL);
  if (!strcmp(action, "skip")) return 0;
  if (!strcmp(action, "slow")) usleep(1000 * count);
  value = real->functions[number](a, b, c, d, e);
  if (!strcmp(action, "no-token") && (a & 0xff)) *(word *)c = 0;
  if (!strcmp(action, "kill-after")) raise(SIGKILL);
  if (!strcmp(action, "then")) return strtoul(argument, NULL, 0);
  if (!strcmp(action, "length")) {
    word *length = (word *)(number == 24 ? c + 2 * sizeof(word) : number == 27 ? d : number == 4 || number == 7 ? c : e);
    *length = strtoul(argument, NULL, 0);
  }
  return value;
}

/* in the file PKCS11_COUNTS: of each function, how often it returned CKR_OK, and something else */
static void count_call(int number, word value) {
  static word *counts;
  const char *path = getenv("PKCS11_COUNTS");
  int file;
  if (!path) return;
  if (!counts) {
    file = open(path, O_RDWR | O_CREAT, 0600);
    if (ftruncate(file, 2 * COUNT * sizeof(word))) abort();
    counts = mmap(NULL, 2 * COUNT * sizeof(word), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
  }
  ADD(counts[2 * number + (value != 0)], 1);
}

/* what the standard forbids ends the process: the caller would not see it otherwise */
static void forbid(int is_forbidden, const char *what, int number) {
  if (!is_forbidden) return;
  fprintf(stderr, "%s: %s\n", NAMES[number], what);
  abort();
}

static word call(int number, word a, word b, word c, word d, word e) {
  static word busy[1 << 16];
  int is_alone = number <= 1, has_session = number > 7 && number != 12;
  word *session = &busy[a & 0xffff], value;
  forbid(ADD(calls, 1) > 1 && is_alone, "other functions run", number);
  if (has_session) forbid(ADD(*session, 1) > 1, "another function uses the session", number);
  value = with_faults(number, a, b, c, d, e);
  if (has_session) ADD(*session, -1);
  ADD(calls, -1);
  if (value == 0) ADD(succeeded[number], 1);
  count_call(number, value);
  return value;
}

#define WRAP(n) static word wrap##n(word a, word b, word c, word d, word e) { return call(n, a, b, c, d, e); }
WRAP(0) WRAP(1) WRAP(4) WRAP(6) WRAP(7) WRAP(11) WRAP(12) WRAP(13) WRAP(18) WRAP(19) WRAP(22) WRAP(24) WRAP(26)
WRAP(27) WRAP(28) WRAP(29) WRAP(30) WRAP(33) WRAP(34) WRAP(58) WRAP(64)

word C_GetFunctionList(void **list) {
  char action[32] = "", argument[32] = "";
  void *library = dlopen(getenv("PKCS11_REAL"), RTLD_NOW);
  word (*get)(void **) = library ? (word(*)(void **))dlsym(library, "C_GetFunctionList") : NULL;
  if (told("C_GetFunctionList", action, argument)) {
    *list = NULL;
    return strtoul(argument, NULL, 0);
  }
  if (!get || get((void **)&real)) return 5;
  memcpy(&ours, real, sizeof ours);
#define SET(n) \
  if (!told(NAMES[n], action, argument) || strcmp(action, "none")) ours.functions[n] = wrap##n; \
  else ours.functions[n] = NULL;
  SET(0) SET(1) SET(4) SET(6) SET(7) SET(11) SET(12) SET(13) SET(18) SET(19) SET(22) SET(24) SET(26) SET(27) SET(28)
  SET(29) SET(30) SET(33) SET(34) SET(58) SET(64)
  *list = &ours;
  return 0;
}
