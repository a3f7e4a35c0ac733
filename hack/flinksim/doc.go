// Package flinksim serves the REST API of many simulated Flink jobs from one process.
//
// Each job is a closed loop (package engine): its checkpoint times follow from its state, storage, network, JobManager and
// settings, so that a wrong remedy does not cure it and a right one does. Cases is the table of jobs, one for each cause
// that the doctor must tell apart, and healthy ones. The true cause never leaves the process: it is in no answer, name or path.
//
// A Job is computed when it is asked and only then, from its seed and the time of a Clock; there is no goroutine and no
// timer for a job, so a process serves thousands of them. Answers have the keys and types of recorded ones
// (Flink 1.20.5; 1.17 and 2.x where they differ), which a test holds.
//
// A Server is an http.Handler that finds the job by the host name of the request, NAME-rest.NAMESPACE, and therefore works
// as a forward proxy too; JobHandler serves a single job whatever the host is called.
package flinksim
