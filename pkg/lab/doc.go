// Package lab is a Cloud Assistant emulator for this machine. It serves the API of package assist over HTTP like the service: it
// checks real signatures and returns the same errors, pages and states. Its instances really run the scripts that they receive,
// each with a directory and a host name of its own.
//
// It is for people without an account, for tests and for CI. It is not a sandbox: a script runs as the lab's own user, with the
// files and the network of this machine. That is why nothing runs without a valid signature, and why [Start] listens only on
// loopback addresses unless the options allow others.
//
// A file that is sent to an instance is written below a private directory, which stands for the root directory of the instance:
// scripts share the files of this machine, and a file for /etc/app must not change its /etc. A script that runs as the lab's own
// user finds the file by a path relative to its home directory, or if WorkingDir is the directory of the file. It does not find it
// by an absolute path; [Lab.ReadFile] does.
//
// Requests and responses are the types of package assist. The lab refuses requests with the errors of their Validate methods.
//
// # Files
//
// The files of the package, by what they are about:
//
//   - Lab, its settings and its directories: lab.go, lab_control.go, activity.go, sites.go, reset.go, discard.go, identity.go, clock.go, temporary_dir.go, tmpfs_linux.go,
//     tmpfs_other.go, abandoned.go, abandoned_unix.go, abandoned_windows.go, doc.go.
//   - Wire, from the connection to the response: server.go, server_tls.go, authority.go, certificate.go, trusted_certificates.go,
//     connection.go, host_names.go, handler.go, health.go, authenticator.go,
//     session.go, issuer.go, operations.go, unknown_action.go, tokens.go, page.go, filters.go, response.go, response_xml.go, reply.go,
//     call_log.go.
//   - Actions of the API: run_command.go, invoke_command.go, accept.go, repeat_mode.go, stop_invocation.go, modify_invocation.go, send_file.go,
//     saved_commands.go, install_cloud_assistant.go, assume_role.go, regions.go, list_tag_resources.go, describe_instances.go,
//     describe_managed_instances.go, managed_actions.go, activation_actions.go, describe_cloud_assistant_status.go,
//     describe_commands.go, describe_invocations.go, describe_invocation_results.go, history.go, invocation_filter.go, describe_send_file_results.go.
//   - Instances: instance.go, instance_generator.go, managed.go, inventory.go, instance_index.go, instance_search.go, name_index.go,
//     host.go, activations.go, register_host.go, release.go, power.go, reboot.go, agent_version.go, fleet_file.go, fleet_file_group.go,
//     fleet_file_nodes.go, fleet_file_simulation.go, fleet_file_command.go, fleet_file_invocation.go, fleet_file_outcome.go,
//     fleet_dump.go, fleet_dump_yaml.go, dump.go, dump_groups.go, dump_faults.go, dump_records.go, dump_results.go.
//   - Tasks and files on instances: agents.go, job.go, delivery.go, prepare.go, working_dir.go, os_user.go, rootfs.go, shared_dir.go,
//     scheduler.go, repetition.go, repetition_replace.go, file_sender.go, failure.go.
//   - Enrolled hosts, which are real: enrolled.go, enrolled_host.go, leaving_hosts.go, handout.go, file_handout.go, dry_run.go, agent_server.go, agent_states.go.
//   - Store: records.go, store.go, stores.go, preset.go, modify_store.go, tally.go, sent_file.go, file_store.go, retention.go, kept.go, load.go, resume.go.
//   - Faults: fault.go, fault_armed.go, fault_agent.go, fault_instance.go, fault_task.go, faults.go, quota.go.
//   - Simulation of scripts: simulation.go, simulate.go.
//
// Packages below it, which know nothing of the lab:
//
//   - Package runner runs scripts as processes: runner/runner.go, runner/launcher.go, runner/start.go, runner/starter_linux.go,
//     runner/output.go, runner/capture_unix.go, runner/process_unix.go, runner/process_groups_unix.go, runner/subreaper_linux.go,
//     runner/watchdog_linux.go and others.
//   - Package signature checks signatures and nonces: signature/signature.go, signature/v1.go, signature/v3.go,
//     signature/nonces.go.
//   - Package keep stores records on disk: keep/database.go, keep/records.go, keep/storage.go, keep/owner.go, keep/damage.go.
//   - Package agents serves the protocol of official agents: agents/server.go, agents/lab.go, agents/task.go, agents/report.go and others.
//   - Package fakeclock is a [Clock] for tests: fakeclock/clock.go.
package lab
