/** Follows a bulk job while it is under way. */
import type { Ref } from 'vue'
import { useFollowed } from '@/composables/following'
import { fetchBulk, isUnderWay, type BulkJob } from './bulkApi'

export const useFollowedJob = (start: Ref<BulkJob | null>, ended: (job: BulkJob) => void) =>
  useFollowed(start, fetchBulk, isUnderWay, ended)
