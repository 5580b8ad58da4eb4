"""A small client of the Kubernetes container runtime interface (CRI), version 1.

It knows the messages that the tests send, by the field numbers of the published interface, and
prints the answers as JSON: `cri_client.py SOCKET METHOD [JSON]`, such as
`cri_client.py /run/c.sock RuntimeService/ListPodSandbox '{}'`.
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

# One line for each message: its name, then `field:number:type`. `*` is a list, `a,b` a map; a type
# that starts with a capital letter is a message.
MESSAGES = """
Empty
Version version:1:string
VersionAnswer version:1:string runtime_name:2:string runtime_version:3:string
Condition type:1:string status:2:bool reason:3:string message:4:string
RuntimeStatus conditions:1:*Condition
StatusAnswer status:1:RuntimeStatus info:2:string,string
PodMetadata name:1:string uid:2:string namespace:3:string attempt:4:uint32
NamespaceOption network:1:int32 pid:2:int32 ipc:3:int32 target_id:4:string
Int64 value:1:int64
PodSecurity namespace_options:1:NamespaceOption run_as_user:3:Int64 readonly_rootfs:4:bool
PodLinux cgroup_parent:1:string security_context:2:PodSecurity sysctls:3:string,string
PodConfig metadata:1:PodMetadata hostname:2:string log_directory:3:string \
    labels:6:string,string annotations:7:string,string linux:8:PodLinux
RunPod config:1:PodConfig runtime_handler:2:string
PodId pod_sandbox_id:1:string
PodStatusRequest pod_sandbox_id:1:string verbose:2:bool
PodStatus id:1:string metadata:2:PodMetadata state:3:int32 runtime_handler:9:string
PodStatusAnswer status:1:PodStatus info:2:string,string
Pod id:1:string metadata:2:PodMetadata state:3:int32 runtime_handler:7:string
PodList items:1:*Pod
ContainerMetadata name:1:string attempt:2:uint32
ImageSpec image:1:string
KeyValue key:1:string value:2:string
Mount container_path:1:string host_path:2:string readonly:3:bool propagation:5:int32
Capabilities add_capabilities:1:*string drop_capabilities:2:*string
Profile profile_type:1:int32 localhost_ref:2:string
Resources cpu_period:1:int64 cpu_quota:2:int64 cpu_shares:3:int64 memory_limit_in_bytes:4:int64 \
    oom_score_adj:5:int64 cpuset_cpus:6:string
ContainerSecurity capabilities:1:Capabilities privileged:2:bool namespace_options:3:NamespaceOption \
    run_as_user:5:Int64 readonly_rootfs:7:bool supplemental_groups:8:*int64 no_new_privs:11:bool \
    seccomp:15:Profile
ContainerLinux resources:1:Resources security_context:2:ContainerSecurity
ContainerConfig metadata:1:ContainerMetadata image:2:ImageSpec command:3:*string args:4:*string \
    working_dir:5:string envs:6:*KeyValue mounts:7:*Mount labels:9:string,string \
    annotations:10:string,string log_path:11:string stdin:12:bool tty:14:bool linux:15:ContainerLinux
CreateContainer pod_sandbox_id:1:string config:2:ContainerConfig sandbox_config:3:PodConfig
ContainerId container_id:1:string
StopContainer container_id:1:string timeout:2:int64
ContainerStatusRequest container_id:1:string verbose:2:bool
ContainerStatus id:1:string metadata:2:ContainerMetadata state:3:int32 exit_code:7:int32 \
    reason:10:string message:11:string
ContainerStatusAnswer status:1:ContainerStatus info:2:string,string
Container id:1:string pod_sandbox_id:2:string metadata:3:ContainerMetadata state:6:int32
ContainerList containers:1:*Container
UpdateResources container_id:1:string linux:2:Resources
ExecSync container_id:1:string cmd:2:*string timeout:3:int64
ExecSyncAnswer stdout:1:bytes stderr:2:bytes exit_code:3:int32
UInt64 value:1:uint64
CpuUsage timestamp:1:int64 usage_core_nano_seconds:2:UInt64
MemoryUsage timestamp:1:int64 working_set_bytes:2:UInt64 usage_bytes:4:UInt64
ContainerStats cpu:2:CpuUsage memory:3:MemoryUsage
ContainerStatsAnswer stats:1:ContainerStats
ContainerStatsList stats:1:*ContainerStats
"""

# Method: the request's and the answer's message.
METHODS = {
    "Version": ("Version", "VersionAnswer"),
    "Status": ("Empty", "StatusAnswer"),
    "RunPodSandbox": ("RunPod", "PodId"),
    "StopPodSandbox": ("PodId", "Empty"),
    "RemovePodSandbox": ("PodId", "Empty"),
    "PodSandboxStatus": ("PodStatusRequest", "PodStatusAnswer"),
    "ListPodSandbox": ("Empty", "PodList"),
    "CreateContainer": ("CreateContainer", "ContainerId"),
    "StartContainer": ("ContainerId", "Empty"),
    "StopContainer": ("StopContainer", "Empty"),
    "RemoveContainer": ("ContainerId", "Empty"),
    "ContainerStatus": ("ContainerStatusRequest", "ContainerStatusAnswer"),
    "ListContainers": ("Empty", "ContainerList"),
    "UpdateContainerResources": ("UpdateResources", "Empty"),
    "ExecSync": ("ExecSync", "ExecSyncAnswer"),
    "ContainerStats": ("ContainerId", "ContainerStatsAnswer"),
    "ListContainerStats": ("Empty", "ContainerStatsList"),
}

FIELD = descriptor_pb2.FieldDescriptorProto


def set_type(field, name):
    """Gives the field a scalar type by its name, or the message of that name."""
    if name[0].isupper():
        field.type = FIELD.TYPE_MESSAGE
        field.type_name = ".cri." + name
    else:
        field.type = getattr(FIELD, "TYPE_" + name.upper())


def add_map(message, field, kinds):
    """Makes the field a map: a list of an entry message that is nested in its message."""
    entry = message.nested_type.add()
    entry.name = "".join(part.capitalize() for part in field.name.split("_")) + "Entry"
    entry.options.map_entry = True
    for number, (name, kind) in enumerate(zip(("key", "value"), kinds.split(",")), 1):
        part = entry.field.add(name=name, number=number, label=FIELD.LABEL_OPTIONAL)
        set_type(part, kind)
    field.label = FIELD.LABEL_REPEATED
    field.type = FIELD.TYPE_MESSAGE
    field.type_name = ".cri." + message.name + "." + entry.name


def descriptors():
    """The descriptor of a file with all of MESSAGES."""
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package="cri", syntax="proto3")
    for line in MESSAGES.replace("\\\n", " ").split("\n"):
        words = line.split()
        if not words:
            continue
        message = file.message_type.add(name=words[0])
        for word in words[1:]:
            name, number, kind = word.split(":")
            field = message.field.add(name=name, number=int(number), label=FIELD.LABEL_OPTIONAL)
            if "," in kind:
                add_map(message, field, kind)
            elif kind[0] == "*":
                set_type(field, kind[1:])
                field.label = FIELD.LABEL_REPEATED
            else:
                set_type(field, kind)
    return file


def call(socket, method, request):
    """Calls `SERVICE/METHOD` with a request in JSON; the answer is JSON."""
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptors())
    factory = message_factory.MessageFactory(pool)
    kinds = METHODS[method.split("/")[1]]
    asked, answered = (factory.GetPrototype(pool.FindMessageTypeByName("cri." + k)) for k in kinds)
    with grpc.insecure_channel("unix://" + socket) as channel:
        remote = channel.unary_unary(
            "/runtime.v1." + method,
            request_serializer=asked.SerializeToString,
            response_deserializer=answered.FromString,
        )
        answer = remote(json_format.Parse(request, asked()), timeout=60)
    return json_format.MessageToJson(answer, preserving_proto_field_name=True)


def main():
    """Prints the answer; an error of the service goes to standard error and gives status 1."""
    request = sys.argv[3] if len(sys.argv) > 3 else "{}"
    try:
        print(call(sys.argv[1], sys.argv[2], request))
    except grpc.RpcError as error:
        print(error.code().name + ": " + error.details(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
