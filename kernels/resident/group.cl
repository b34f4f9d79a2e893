#include "state.cl"
/* group: what the items of a work-group of a written kernel share and wait for, and what a group of a single item does
 * without. */
#ifdef INLINED_ITEMS
#define GROUP_MEMORY    __local
#define GROUP_BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define IS_LEADER       (get_local_id(0) == 0)
#else
#define GROUP_MEMORY
#define GROUP_BARRIER()
#define IS_LEADER true
#endif
