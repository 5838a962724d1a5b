"""The numbers of SPIR-V: opcodes, enumerants, extended instructions. Written by tools/make_spirv_table.py.

One idea: names here are those of the specification, opcodes without their Op; vendors' own are left out.
"""

from __future__ import annotations

__all__ = [
    "REVISION",
    "ADDRESSING_MODEL",
    "BUILT_IN",
    "CAPABILITY",
    "DECORATION",
    "EXECUTION_MODE",
    "EXECUTION_MODEL",
    "FP_ROUNDING_MODE",
    "FUNCTION_CONTROL",
    "GLSL_STD_450",
    "LOOP_CONTROL",
    "MEMORY_ACCESS",
    "MEMORY_MODEL",
    "MEMORY_SEMANTICS",
    "OPCODES",
    "OPENCL_STD",
    "SCOPE",
    "SELECTION_CONTROL",
    "SOURCE_LANGUAGE",
    "STORAGE_CLASS",
]

REVISION = "1.6 revision 1"  # of the grammar

OPCODES: dict[str, int] = {
    "Nop": 0, "Undef": 1, "SourceContinued": 2, "Source": 3, "SourceExtension": 4, "Name": 5, "MemberName": 6,
    "String": 7, "Line": 8, "Extension": 10, "ExtInstImport": 11, "ExtInst": 12, "MemoryModel": 14, "EntryPoint": 15,
    "ExecutionMode": 16, "Capability": 17, "TypeVoid": 19, "TypeBool": 20, "TypeInt": 21, "TypeFloat": 22,
    "TypeVector": 23, "TypeMatrix": 24, "TypeImage": 25, "TypeSampler": 26, "TypeSampledImage": 27, "TypeArray": 28,
    "TypeRuntimeArray": 29, "TypeStruct": 30, "TypeOpaque": 31, "TypePointer": 32, "TypeFunction": 33, "TypeEvent": 34,
    "TypeDeviceEvent": 35, "TypeReserveId": 36, "TypeQueue": 37, "TypePipe": 38, "TypeForwardPointer": 39,
    "ConstantTrue": 41, "ConstantFalse": 42, "Constant": 43, "ConstantComposite": 44, "ConstantSampler": 45,
    "ConstantNull": 46, "SpecConstantTrue": 48, "SpecConstantFalse": 49, "SpecConstant": 50,
    "SpecConstantComposite": 51, "SpecConstantOp": 52, "Function": 54, "FunctionParameter": 55, "FunctionEnd": 56,
    "FunctionCall": 57, "Variable": 59, "ImageTexelPointer": 60, "Load": 61, "Store": 62, "CopyMemory": 63,
    "CopyMemorySized": 64, "AccessChain": 65, "InBoundsAccessChain": 66, "PtrAccessChain": 67, "ArrayLength": 68,
    "GenericPtrMemSemantics": 69, "InBoundsPtrAccessChain": 70, "Decorate": 71, "MemberDecorate": 72,
    "DecorationGroup": 73, "GroupDecorate": 74, "GroupMemberDecorate": 75, "VectorExtractDynamic": 77,
    "VectorInsertDynamic": 78, "VectorShuffle": 79, "CompositeConstruct": 80, "CompositeExtract": 81,
    "CompositeInsert": 82, "CopyObject": 83, "Transpose": 84, "SampledImage": 86, "ImageSampleImplicitLod": 87,
    "ImageSampleExplicitLod": 88, "ImageSampleDrefImplicitLod": 89, "ImageSampleDrefExplicitLod": 90,
    "ImageSampleProjImplicitLod": 91, "ImageSampleProjExplicitLod": 92, "ImageSampleProjDrefImplicitLod": 93,
    "ImageSampleProjDrefExplicitLod": 94, "ImageFetch": 95, "ImageGather": 96, "ImageDrefGather": 97, "ImageRead": 98,
    "ImageWrite": 99, "Image": 100, "ImageQueryFormat": 101, "ImageQueryOrder": 102, "ImageQuerySizeLod": 103,
    "ImageQuerySize": 104, "ImageQueryLod": 105, "ImageQueryLevels": 106, "ImageQuerySamples": 107, "ConvertFToU": 109,
    "ConvertFToS": 110, "ConvertSToF": 111, "ConvertUToF": 112, "UConvert": 113, "SConvert": 114, "FConvert": 115,
    "QuantizeToF16": 116, "ConvertPtrToU": 117, "SatConvertSToU": 118, "SatConvertUToS": 119, "ConvertUToPtr": 120,
    "PtrCastToGeneric": 121, "GenericCastToPtr": 122, "GenericCastToPtrExplicit": 123, "Bitcast": 124, "SNegate": 126,
    "FNegate": 127, "IAdd": 128, "FAdd": 129, "ISub": 130, "FSub": 131, "IMul": 132, "FMul": 133, "UDiv": 134,
    "SDiv": 135, "FDiv": 136, "UMod": 137, "SRem": 138, "SMod": 139, "FRem": 140, "FMod": 141,
    "VectorTimesScalar": 142, "MatrixTimesScalar": 143, "VectorTimesMatrix": 144, "MatrixTimesVector": 145,
    "MatrixTimesMatrix": 146, "OuterProduct": 147, "Dot": 148, "IAddCarry": 149, "ISubBorrow": 150,
    "UMulExtended": 151, "SMulExtended": 152, "Any": 154, "All": 155, "IsNan": 156, "IsInf": 157, "IsFinite": 158,
    "IsNormal": 159, "SignBitSet": 160, "LessOrGreater": 161, "Ordered": 162, "Unordered": 163, "LogicalEqual": 164,
    "LogicalNotEqual": 165, "LogicalOr": 166, "LogicalAnd": 167, "LogicalNot": 168, "Select": 169, "IEqual": 170,
    "INotEqual": 171, "UGreaterThan": 172, "SGreaterThan": 173, "UGreaterThanEqual": 174, "SGreaterThanEqual": 175,
    "ULessThan": 176, "SLessThan": 177, "ULessThanEqual": 178, "SLessThanEqual": 179, "FOrdEqual": 180,
    "FUnordEqual": 181, "FOrdNotEqual": 182, "FUnordNotEqual": 183, "FOrdLessThan": 184, "FUnordLessThan": 185,
    "FOrdGreaterThan": 186, "FUnordGreaterThan": 187, "FOrdLessThanEqual": 188, "FUnordLessThanEqual": 189,
    "FOrdGreaterThanEqual": 190, "FUnordGreaterThanEqual": 191, "ShiftRightLogical": 194, "ShiftRightArithmetic": 195,
    "ShiftLeftLogical": 196, "BitwiseOr": 197, "BitwiseXor": 198, "BitwiseAnd": 199, "Not": 200, "BitFieldInsert": 201,
    "BitFieldSExtract": 202, "BitFieldUExtract": 203, "BitReverse": 204, "BitCount": 205, "DPdx": 207, "DPdy": 208,
    "Fwidth": 209, "DPdxFine": 210, "DPdyFine": 211, "FwidthFine": 212, "DPdxCoarse": 213, "DPdyCoarse": 214,
    "FwidthCoarse": 215, "EmitVertex": 218, "EndPrimitive": 219, "EmitStreamVertex": 220, "EndStreamPrimitive": 221,
    "ControlBarrier": 224, "MemoryBarrier": 225, "AtomicLoad": 227, "AtomicStore": 228, "AtomicExchange": 229,
    "AtomicCompareExchange": 230, "AtomicCompareExchangeWeak": 231, "AtomicIIncrement": 232, "AtomicIDecrement": 233,
    "AtomicIAdd": 234, "AtomicISub": 235, "AtomicSMin": 236, "AtomicUMin": 237, "AtomicSMax": 238, "AtomicUMax": 239,
    "AtomicAnd": 240, "AtomicOr": 241, "AtomicXor": 242, "Phi": 245, "LoopMerge": 246, "SelectionMerge": 247,
    "Label": 248, "Branch": 249, "BranchConditional": 250, "Switch": 251, "Kill": 252, "Return": 253,
    "ReturnValue": 254, "Unreachable": 255, "LifetimeStart": 256, "LifetimeStop": 257, "GroupAsyncCopy": 259,
    "GroupWaitEvents": 260, "GroupAll": 261, "GroupAny": 262, "GroupBroadcast": 263, "GroupIAdd": 264,
    "GroupFAdd": 265, "GroupFMin": 266, "GroupUMin": 267, "GroupSMin": 268, "GroupFMax": 269, "GroupUMax": 270,
    "GroupSMax": 271, "ReadPipe": 274, "WritePipe": 275, "ReservedReadPipe": 276, "ReservedWritePipe": 277,
    "ReserveReadPipePackets": 278, "ReserveWritePipePackets": 279, "CommitReadPipe": 280, "CommitWritePipe": 281,
    "IsValidReserveId": 282, "GetNumPipePackets": 283, "GetMaxPipePackets": 284, "GroupReserveReadPipePackets": 285,
    "GroupReserveWritePipePackets": 286, "GroupCommitReadPipe": 287, "GroupCommitWritePipe": 288, "EnqueueMarker": 291,
    "EnqueueKernel": 292, "GetKernelNDrangeSubGroupCount": 293, "GetKernelNDrangeMaxSubGroupSize": 294,
    "GetKernelWorkGroupSize": 295, "GetKernelPreferredWorkGroupSizeMultiple": 296, "RetainEvent": 297,
    "ReleaseEvent": 298, "CreateUserEvent": 299, "IsValidEvent": 300, "SetUserEventStatus": 301,
    "CaptureEventProfilingInfo": 302, "GetDefaultQueue": 303, "BuildNDRange": 304, "ImageSparseSampleImplicitLod": 305,
    "ImageSparseSampleExplicitLod": 306, "ImageSparseSampleDrefImplicitLod": 307,
    "ImageSparseSampleDrefExplicitLod": 308, "ImageSparseSampleProjImplicitLod": 309,
    "ImageSparseSampleProjExplicitLod": 310, "ImageSparseSampleProjDrefImplicitLod": 311,
    "ImageSparseSampleProjDrefExplicitLod": 312, "ImageSparseFetch": 313, "ImageSparseGather": 314,
    "ImageSparseDrefGather": 315, "ImageSparseTexelsResident": 316, "NoLine": 317, "AtomicFlagTestAndSet": 318,
    "AtomicFlagClear": 319, "ImageSparseRead": 320, "SizeOf": 321, "TypePipeStorage": 322, "ConstantPipeStorage": 323,
    "CreatePipeFromPipeStorage": 324, "GetKernelLocalSizeForSubgroupCount": 325, "GetKernelMaxNumSubgroups": 326,
    "TypeNamedBarrier": 327, "NamedBarrierInitialize": 328, "MemoryNamedBarrier": 329, "ModuleProcessed": 330,
    "ExecutionModeId": 331, "DecorateId": 332, "GroupNonUniformElect": 333, "GroupNonUniformAll": 334,
    "GroupNonUniformAny": 335, "GroupNonUniformAllEqual": 336, "GroupNonUniformBroadcast": 337,
    "GroupNonUniformBroadcastFirst": 338, "GroupNonUniformBallot": 339, "GroupNonUniformInverseBallot": 340,
    "GroupNonUniformBallotBitExtract": 341, "GroupNonUniformBallotBitCount": 342, "GroupNonUniformBallotFindLSB": 343,
    "GroupNonUniformBallotFindMSB": 344, "GroupNonUniformShuffle": 345, "GroupNonUniformShuffleXor": 346,
    "GroupNonUniformShuffleUp": 347, "GroupNonUniformShuffleDown": 348, "GroupNonUniformIAdd": 349,
    "GroupNonUniformFAdd": 350, "GroupNonUniformIMul": 351, "GroupNonUniformFMul": 352, "GroupNonUniformSMin": 353,
    "GroupNonUniformUMin": 354, "GroupNonUniformFMin": 355, "GroupNonUniformSMax": 356, "GroupNonUniformUMax": 357,
    "GroupNonUniformFMax": 358, "GroupNonUniformBitwiseAnd": 359, "GroupNonUniformBitwiseOr": 360,
    "GroupNonUniformBitwiseXor": 361, "GroupNonUniformLogicalAnd": 362, "GroupNonUniformLogicalOr": 363,
    "GroupNonUniformLogicalXor": 364, "GroupNonUniformQuadBroadcast": 365, "GroupNonUniformQuadSwap": 366,
    "CopyLogical": 400, "PtrEqual": 401, "PtrNotEqual": 402, "PtrDiff": 403, "TerminateInvocation": 4416,
    "SubgroupBallotKHR": 4421, "SubgroupFirstInvocationKHR": 4422, "SubgroupAllKHR": 4428, "SubgroupAnyKHR": 4429,
    "SubgroupAllEqualKHR": 4430, "GroupNonUniformRotateKHR": 4431, "SubgroupReadInvocationKHR": 4432,
    "TraceRayKHR": 4445, "ExecuteCallableKHR": 4446, "ConvertUToAccelerationStructureKHR": 4447,
    "IgnoreIntersectionKHR": 4448, "TerminateRayKHR": 4449, "SDot": 4450, "SDotKHR": 4450, "UDot": 4451,
    "UDotKHR": 4451, "SUDot": 4452, "SUDotKHR": 4452, "SDotAccSat": 4453, "SDotAccSatKHR": 4453, "UDotAccSat": 4454,
    "UDotAccSatKHR": 4454, "SUDotAccSat": 4455, "SUDotAccSatKHR": 4455, "TypeRayQueryKHR": 4472,
    "RayQueryInitializeKHR": 4473, "RayQueryTerminateKHR": 4474, "RayQueryGenerateIntersectionKHR": 4475,
    "RayQueryConfirmIntersectionKHR": 4476, "RayQueryProceedKHR": 4477, "RayQueryGetIntersectionTypeKHR": 4479,
    "ReadClockKHR": 5056, "EmitMeshTasksEXT": 5294, "SetMeshOutputsEXT": 5295, "ReportIntersectionKHR": 5334,
    "TypeAccelerationStructureKHR": 5341, "BeginInvocationInterlockEXT": 5364, "EndInvocationInterlockEXT": 5365,
    "DemoteToHelperInvocation": 5380, "DemoteToHelperInvocationEXT": 5380, "IsHelperInvocationEXT": 5381,
    "AtomicFMinEXT": 5614, "AtomicFMaxEXT": 5615, "AssumeTrueKHR": 5630, "ExpectKHR": 5631, "DecorateString": 5632,
    "MemberDecorateString": 5633, "RayQueryGetRayTMinKHR": 6016, "RayQueryGetRayFlagsKHR": 6017,
    "RayQueryGetIntersectionTKHR": 6018, "RayQueryGetIntersectionInstanceCustomIndexKHR": 6019,
    "RayQueryGetIntersectionInstanceIdKHR": 6020,
    "RayQueryGetIntersectionInstanceShaderBindingTableRecordOffsetKHR": 6021,
    "RayQueryGetIntersectionGeometryIndexKHR": 6022, "RayQueryGetIntersectionPrimitiveIndexKHR": 6023,
    "RayQueryGetIntersectionBarycentricsKHR": 6024, "RayQueryGetIntersectionFrontFaceKHR": 6025,
    "RayQueryGetIntersectionCandidateAABBOpaqueKHR": 6026, "RayQueryGetIntersectionObjectRayDirectionKHR": 6027,
    "RayQueryGetIntersectionObjectRayOriginKHR": 6028, "RayQueryGetWorldRayDirectionKHR": 6029,
    "RayQueryGetWorldRayOriginKHR": 6030, "RayQueryGetIntersectionObjectToWorldKHR": 6031,
    "RayQueryGetIntersectionWorldToObjectKHR": 6032, "AtomicFAddEXT": 6035, "GroupIMulKHR": 6401, "GroupFMulKHR": 6402,
    "GroupBitwiseAndKHR": 6403, "GroupBitwiseOrKHR": 6404, "GroupBitwiseXorKHR": 6405, "GroupLogicalAndKHR": 6406,
    "GroupLogicalOrKHR": 6407, "GroupLogicalXorKHR": 6408,
}  # fmt: skip

ADDRESSING_MODEL: dict[str, int] = {
    "Logical": 0, "Physical32": 1, "Physical64": 2, "PhysicalStorageBuffer64": 5348,
    "PhysicalStorageBuffer64EXT": 5348,
}  # fmt: skip

BUILT_IN: dict[str, int] = {
    "Position": 0, "PointSize": 1, "ClipDistance": 3, "CullDistance": 4, "VertexId": 5, "InstanceId": 6,
    "PrimitiveId": 7, "InvocationId": 8, "Layer": 9, "ViewportIndex": 10, "TessLevelOuter": 11, "TessLevelInner": 12,
    "TessCoord": 13, "PatchVertices": 14, "FragCoord": 15, "PointCoord": 16, "FrontFacing": 17, "SampleId": 18,
    "SamplePosition": 19, "SampleMask": 20, "FragDepth": 22, "HelperInvocation": 23, "NumWorkgroups": 24,
    "WorkgroupSize": 25, "WorkgroupId": 26, "LocalInvocationId": 27, "GlobalInvocationId": 28,
    "LocalInvocationIndex": 29, "WorkDim": 30, "GlobalSize": 31, "EnqueuedWorkgroupSize": 32, "GlobalOffset": 33,
    "GlobalLinearId": 34, "SubgroupSize": 36, "SubgroupMaxSize": 37, "NumSubgroups": 38, "NumEnqueuedSubgroups": 39,
    "SubgroupId": 40, "SubgroupLocalInvocationId": 41, "VertexIndex": 42, "InstanceIndex": 43, "SubgroupEqMask": 4416,
    "SubgroupEqMaskKHR": 4416, "SubgroupGeMask": 4417, "SubgroupGeMaskKHR": 4417, "SubgroupGtMask": 4418,
    "SubgroupGtMaskKHR": 4418, "SubgroupLeMask": 4419, "SubgroupLeMaskKHR": 4419, "SubgroupLtMask": 4420,
    "SubgroupLtMaskKHR": 4420, "BaseVertex": 4424, "BaseInstance": 4425, "DrawIndex": 4426,
    "PrimitiveShadingRateKHR": 4432, "DeviceIndex": 4438, "ViewIndex": 4440, "ShadingRateKHR": 4444,
    "FragStencilRefEXT": 5014, "FullyCoveredEXT": 5264, "BaryCoordKHR": 5286, "BaryCoordNoPerspKHR": 5287,
    "FragSizeEXT": 5292, "FragInvocationCountEXT": 5293, "PrimitivePointIndicesEXT": 5294,
    "PrimitiveLineIndicesEXT": 5295, "PrimitiveTriangleIndicesEXT": 5296, "CullPrimitiveEXT": 5299,
    "LaunchIdKHR": 5319, "LaunchSizeKHR": 5320, "WorldRayOriginKHR": 5321, "WorldRayDirectionKHR": 5322,
    "ObjectRayOriginKHR": 5323, "ObjectRayDirectionKHR": 5324, "RayTminKHR": 5325, "RayTmaxKHR": 5326,
    "InstanceCustomIndexKHR": 5327, "ObjectToWorldKHR": 5330, "WorldToObjectKHR": 5331, "HitKindKHR": 5333,
    "IncomingRayFlagsKHR": 5351, "RayGeometryIndexKHR": 5352, "CullMaskKHR": 6021,
}  # fmt: skip

CAPABILITY: dict[str, int] = {
    "Matrix": 0, "Shader": 1, "Geometry": 2, "Tessellation": 3, "Addresses": 4, "Linkage": 5, "Kernel": 6,
    "Vector16": 7, "Float16Buffer": 8, "Float16": 9, "Float64": 10, "Int64": 11, "Int64Atomics": 12, "ImageBasic": 13,
    "ImageReadWrite": 14, "ImageMipmap": 15, "Pipes": 17, "Groups": 18, "DeviceEnqueue": 19, "LiteralSampler": 20,
    "AtomicStorage": 21, "Int16": 22, "TessellationPointSize": 23, "GeometryPointSize": 24, "ImageGatherExtended": 25,
    "StorageImageMultisample": 27, "UniformBufferArrayDynamicIndexing": 28, "SampledImageArrayDynamicIndexing": 29,
    "StorageBufferArrayDynamicIndexing": 30, "StorageImageArrayDynamicIndexing": 31, "ClipDistance": 32,
    "CullDistance": 33, "ImageCubeArray": 34, "SampleRateShading": 35, "ImageRect": 36, "SampledRect": 37,
    "GenericPointer": 38, "Int8": 39, "InputAttachment": 40, "SparseResidency": 41, "MinLod": 42, "Sampled1D": 43,
    "Image1D": 44, "SampledCubeArray": 45, "SampledBuffer": 46, "ImageBuffer": 47, "ImageMSArray": 48,
    "StorageImageExtendedFormats": 49, "ImageQuery": 50, "DerivativeControl": 51, "InterpolationFunction": 52,
    "TransformFeedback": 53, "GeometryStreams": 54, "StorageImageReadWithoutFormat": 55,
    "StorageImageWriteWithoutFormat": 56, "MultiViewport": 57, "SubgroupDispatch": 58, "NamedBarrier": 59,
    "PipeStorage": 60, "GroupNonUniform": 61, "GroupNonUniformVote": 62, "GroupNonUniformArithmetic": 63,
    "GroupNonUniformBallot": 64, "GroupNonUniformShuffle": 65, "GroupNonUniformShuffleRelative": 66,
    "GroupNonUniformClustered": 67, "GroupNonUniformQuad": 68, "ShaderLayer": 69, "ShaderViewportIndex": 70,
    "UniformDecoration": 71, "FragmentShadingRateKHR": 4422, "SubgroupBallotKHR": 4423, "DrawParameters": 4427,
    "WorkgroupMemoryExplicitLayoutKHR": 4428, "WorkgroupMemoryExplicitLayout8BitAccessKHR": 4429,
    "WorkgroupMemoryExplicitLayout16BitAccessKHR": 4430, "SubgroupVoteKHR": 4431, "StorageBuffer16BitAccess": 4433,
    "StorageUniformBufferBlock16": 4433, "UniformAndStorageBuffer16BitAccess": 4434, "StorageUniform16": 4434,
    "StoragePushConstant16": 4435, "StorageInputOutput16": 4436, "DeviceGroup": 4437, "MultiView": 4439,
    "VariablePointersStorageBuffer": 4441, "VariablePointers": 4442, "AtomicStorageOps": 4445,
    "SampleMaskPostDepthCoverage": 4447, "StorageBuffer8BitAccess": 4448, "UniformAndStorageBuffer8BitAccess": 4449,
    "StoragePushConstant8": 4450, "DenormPreserve": 4464, "DenormFlushToZero": 4465, "SignedZeroInfNanPreserve": 4466,
    "RoundingModeRTE": 4467, "RoundingModeRTZ": 4468, "RayQueryProvisionalKHR": 4471, "RayQueryKHR": 4472,
    "RayTraversalPrimitiveCullingKHR": 4478, "RayTracingKHR": 4479, "StencilExportEXT": 5013, "Int64ImageEXT": 5016,
    "ShaderClockKHR": 5055, "ShaderViewportIndexLayerEXT": 5254, "FragmentFullyCoveredEXT": 5265,
    "MeshShadingEXT": 5283, "FragmentBarycentricKHR": 5284, "FragmentDensityEXT": 5291, "ShaderNonUniform": 5301,
    "ShaderNonUniformEXT": 5301, "RuntimeDescriptorArray": 5302, "RuntimeDescriptorArrayEXT": 5302,
    "InputAttachmentArrayDynamicIndexing": 5303, "InputAttachmentArrayDynamicIndexingEXT": 5303,
    "UniformTexelBufferArrayDynamicIndexing": 5304, "UniformTexelBufferArrayDynamicIndexingEXT": 5304,
    "StorageTexelBufferArrayDynamicIndexing": 5305, "StorageTexelBufferArrayDynamicIndexingEXT": 5305,
    "UniformBufferArrayNonUniformIndexing": 5306, "UniformBufferArrayNonUniformIndexingEXT": 5306,
    "SampledImageArrayNonUniformIndexing": 5307, "SampledImageArrayNonUniformIndexingEXT": 5307,
    "StorageBufferArrayNonUniformIndexing": 5308, "StorageBufferArrayNonUniformIndexingEXT": 5308,
    "StorageImageArrayNonUniformIndexing": 5309, "StorageImageArrayNonUniformIndexingEXT": 5309,
    "InputAttachmentArrayNonUniformIndexing": 5310, "InputAttachmentArrayNonUniformIndexingEXT": 5310,
    "UniformTexelBufferArrayNonUniformIndexing": 5311, "UniformTexelBufferArrayNonUniformIndexingEXT": 5311,
    "StorageTexelBufferArrayNonUniformIndexing": 5312, "StorageTexelBufferArrayNonUniformIndexingEXT": 5312,
    "VulkanMemoryModel": 5345, "VulkanMemoryModelKHR": 5345, "VulkanMemoryModelDeviceScope": 5346,
    "VulkanMemoryModelDeviceScopeKHR": 5346, "PhysicalStorageBufferAddresses": 5347,
    "PhysicalStorageBufferAddressesEXT": 5347, "RayTracingProvisionalKHR": 5353,
    "FragmentShaderSampleInterlockEXT": 5363, "FragmentShaderShadingRateInterlockEXT": 5372,
    "FragmentShaderPixelInterlockEXT": 5378, "DemoteToHelperInvocation": 5379, "DemoteToHelperInvocationEXT": 5379,
    "RayTracingOpacityMicromapEXT": 5381, "AtomicFloat32MinMaxEXT": 5612, "AtomicFloat64MinMaxEXT": 5613,
    "AtomicFloat16MinMaxEXT": 5616, "ExpectAssumeKHR": 5629, "DotProductInputAll": 6016, "DotProductInputAllKHR": 6016,
    "DotProductInput4x8Bit": 6017, "DotProductInput4x8BitKHR": 6017, "DotProductInput4x8BitPacked": 6018,
    "DotProductInput4x8BitPackedKHR": 6018, "DotProduct": 6019, "DotProductKHR": 6019, "RayCullMaskKHR": 6020,
    "BitInstructions": 6025, "GroupNonUniformRotateKHR": 6026, "AtomicFloat32AddEXT": 6033,
    "AtomicFloat64AddEXT": 6034, "AtomicFloat16AddEXT": 6095, "GroupUniformArithmeticKHR": 6400,
}  # fmt: skip

DECORATION: dict[str, int] = {
    "RelaxedPrecision": 0, "SpecId": 1, "Block": 2, "BufferBlock": 3, "RowMajor": 4, "ColMajor": 5, "ArrayStride": 6,
    "MatrixStride": 7, "GLSLShared": 8, "GLSLPacked": 9, "CPacked": 10, "BuiltIn": 11, "NoPerspective": 13, "Flat": 14,
    "Patch": 15, "Centroid": 16, "Sample": 17, "Invariant": 18, "Restrict": 19, "Aliased": 20, "Volatile": 21,
    "Constant": 22, "Coherent": 23, "NonWritable": 24, "NonReadable": 25, "Uniform": 26, "UniformId": 27,
    "SaturatedConversion": 28, "Stream": 29, "Location": 30, "Component": 31, "Index": 32, "Binding": 33,
    "DescriptorSet": 34, "Offset": 35, "XfbBuffer": 36, "XfbStride": 37, "FuncParamAttr": 38, "FPRoundingMode": 39,
    "FPFastMathMode": 40, "LinkageAttributes": 41, "NoContraction": 42, "InputAttachmentIndex": 43, "Alignment": 44,
    "MaxByteOffset": 45, "AlignmentId": 46, "MaxByteOffsetId": 47, "NoSignedWrap": 4469, "NoUnsignedWrap": 4470,
    "PerPrimitiveEXT": 5271, "PerVertexKHR": 5285, "NonUniform": 5300, "NonUniformEXT": 5300, "RestrictPointer": 5355,
    "RestrictPointerEXT": 5355, "AliasedPointer": 5356, "AliasedPointerEXT": 5356, "CounterBuffer": 5634,
    "UserSemantic": 5635,
}  # fmt: skip

EXECUTION_MODE: dict[str, int] = {
    "Invocations": 0, "SpacingEqual": 1, "SpacingFractionalEven": 2, "SpacingFractionalOdd": 3, "VertexOrderCw": 4,
    "VertexOrderCcw": 5, "PixelCenterInteger": 6, "OriginUpperLeft": 7, "OriginLowerLeft": 8, "EarlyFragmentTests": 9,
    "PointMode": 10, "Xfb": 11, "DepthReplacing": 12, "DepthGreater": 14, "DepthLess": 15, "DepthUnchanged": 16,
    "LocalSize": 17, "LocalSizeHint": 18, "InputPoints": 19, "InputLines": 20, "InputLinesAdjacency": 21,
    "Triangles": 22, "InputTrianglesAdjacency": 23, "Quads": 24, "Isolines": 25, "OutputVertices": 26,
    "OutputPoints": 27, "OutputLineStrip": 28, "OutputTriangleStrip": 29, "VecTypeHint": 30, "ContractionOff": 31,
    "Initializer": 33, "Finalizer": 34, "SubgroupSize": 35, "SubgroupsPerWorkgroup": 36, "SubgroupsPerWorkgroupId": 37,
    "LocalSizeId": 38, "LocalSizeHintId": 39, "SubgroupUniformControlFlowKHR": 4421, "PostDepthCoverage": 4446,
    "DenormPreserve": 4459, "DenormFlushToZero": 4460, "SignedZeroInfNanPreserve": 4461, "RoundingModeRTE": 4462,
    "RoundingModeRTZ": 4463, "StencilRefReplacingEXT": 5027, "OutputLinesEXT": 5269, "OutputPrimitivesEXT": 5270,
    "OutputTrianglesEXT": 5298, "PixelInterlockOrderedEXT": 5366, "PixelInterlockUnorderedEXT": 5367,
    "SampleInterlockOrderedEXT": 5368, "SampleInterlockUnorderedEXT": 5369, "ShadingRateInterlockOrderedEXT": 5370,
    "ShadingRateInterlockUnorderedEXT": 5371,
}  # fmt: skip

EXECUTION_MODEL: dict[str, int] = {
    "Vertex": 0, "TessellationControl": 1, "TessellationEvaluation": 2, "Geometry": 3, "Fragment": 4, "GLCompute": 5,
    "Kernel": 6, "RayGenerationKHR": 5313, "IntersectionKHR": 5314, "AnyHitKHR": 5315, "ClosestHitKHR": 5316,
    "MissKHR": 5317, "CallableKHR": 5318, "TaskEXT": 5364, "MeshEXT": 5365,
}  # fmt: skip

FUNCTION_CONTROL: dict[str, int] = {
    "None": 0, "Inline": 1, "DontInline": 2, "Pure": 4, "Const": 8,
}  # fmt: skip

LOOP_CONTROL: dict[str, int] = {
    "None": 0, "Unroll": 1, "DontUnroll": 2, "DependencyInfinite": 4, "DependencyLength": 8, "MinIterations": 16,
    "MaxIterations": 32, "IterationMultiple": 64, "PeelCount": 128, "PartialCount": 256,
}  # fmt: skip

MEMORY_ACCESS: dict[str, int] = {
    "None": 0, "Volatile": 1, "Aligned": 2, "Nontemporal": 4, "MakePointerAvailable": 8, "MakePointerAvailableKHR": 8,
    "MakePointerVisible": 16, "MakePointerVisibleKHR": 16, "NonPrivatePointer": 32, "NonPrivatePointerKHR": 32,
    "AliasScopeINTELMask": 65536, "NoAliasINTELMask": 131072,
}  # fmt: skip

MEMORY_MODEL: dict[str, int] = {
    "Simple": 0, "GLSL450": 1, "OpenCL": 2, "Vulkan": 3, "VulkanKHR": 3,
}  # fmt: skip

MEMORY_SEMANTICS: dict[str, int] = {
    "Relaxed": 0, "None": 0, "Acquire": 2, "Release": 4, "AcquireRelease": 8, "SequentiallyConsistent": 16,
    "UniformMemory": 64, "SubgroupMemory": 128, "WorkgroupMemory": 256, "CrossWorkgroupMemory": 512,
    "AtomicCounterMemory": 1024, "ImageMemory": 2048, "OutputMemory": 4096, "OutputMemoryKHR": 4096,
    "MakeAvailable": 8192, "MakeAvailableKHR": 8192, "MakeVisible": 16384, "MakeVisibleKHR": 16384, "Volatile": 32768,
}  # fmt: skip

SCOPE: dict[str, int] = {
    "CrossDevice": 0, "Device": 1, "Workgroup": 2, "Subgroup": 3, "Invocation": 4, "QueueFamily": 5,
    "QueueFamilyKHR": 5, "ShaderCallKHR": 6,
}  # fmt: skip

SELECTION_CONTROL: dict[str, int] = {
    "None": 0, "Flatten": 1, "DontFlatten": 2,
}  # fmt: skip

SOURCE_LANGUAGE: dict[str, int] = {
    "Unknown": 0, "ESSL": 1, "GLSL": 2, "OpenCL_C": 3, "OpenCL_CPP": 4, "HLSL": 5, "CPP_for_OpenCL": 6, "SYCL": 7,
}  # fmt: skip

STORAGE_CLASS: dict[str, int] = {
    "UniformConstant": 0, "Input": 1, "Uniform": 2, "Output": 3, "Workgroup": 4, "CrossWorkgroup": 5, "Private": 6,
    "Function": 7, "Generic": 8, "PushConstant": 9, "AtomicCounter": 10, "Image": 11, "StorageBuffer": 12,
    "CallableDataKHR": 5328, "IncomingCallableDataKHR": 5329, "RayPayloadKHR": 5338, "HitAttributeKHR": 5339,
    "IncomingRayPayloadKHR": 5342, "ShaderRecordBufferKHR": 5343, "PhysicalStorageBuffer": 5349,
    "PhysicalStorageBufferEXT": 5349, "TaskPayloadWorkgroupEXT": 5402,
}  # fmt: skip

FP_ROUNDING_MODE: dict[str, int] = {
    "RTE": 0, "RTZ": 1, "RTP": 2, "RTN": 3,
}  # fmt: skip

GLSL_STD_450: dict[str, int] = {
    "Round": 1, "RoundEven": 2, "Trunc": 3, "FAbs": 4, "SAbs": 5, "FSign": 6, "SSign": 7, "Floor": 8, "Ceil": 9,
    "Fract": 10, "Radians": 11, "Degrees": 12, "Sin": 13, "Cos": 14, "Tan": 15, "Asin": 16, "Acos": 17, "Atan": 18,
    "Sinh": 19, "Cosh": 20, "Tanh": 21, "Asinh": 22, "Acosh": 23, "Atanh": 24, "Atan2": 25, "Pow": 26, "Exp": 27,
    "Log": 28, "Exp2": 29, "Log2": 30, "Sqrt": 31, "InverseSqrt": 32, "Determinant": 33, "MatrixInverse": 34,
    "Modf": 35, "ModfStruct": 36, "FMin": 37, "UMin": 38, "SMin": 39, "FMax": 40, "UMax": 41, "SMax": 42, "FClamp": 43,
    "UClamp": 44, "SClamp": 45, "FMix": 46, "IMix": 47, "Step": 48, "SmoothStep": 49, "Fma": 50, "Frexp": 51,
    "FrexpStruct": 52, "Ldexp": 53, "PackSnorm4x8": 54, "PackUnorm4x8": 55, "PackSnorm2x16": 56, "PackUnorm2x16": 57,
    "PackHalf2x16": 58, "PackDouble2x32": 59, "UnpackSnorm2x16": 60, "UnpackUnorm2x16": 61, "UnpackHalf2x16": 62,
    "UnpackSnorm4x8": 63, "UnpackUnorm4x8": 64, "UnpackDouble2x32": 65, "Length": 66, "Distance": 67, "Cross": 68,
    "Normalize": 69, "FaceForward": 70, "Reflect": 71, "Refract": 72, "FindILsb": 73, "FindSMsb": 74, "FindUMsb": 75,
    "InterpolateAtCentroid": 76, "InterpolateAtSample": 77, "InterpolateAtOffset": 78, "NMin": 79, "NMax": 80,
    "NClamp": 81,
}  # fmt: skip

OPENCL_STD: dict[str, int] = {
    "acos": 0, "acosh": 1, "acospi": 2, "asin": 3, "asinh": 4, "asinpi": 5, "atan": 6, "atan2": 7, "atanh": 8,
    "atanpi": 9, "atan2pi": 10, "cbrt": 11, "ceil": 12, "copysign": 13, "cos": 14, "cosh": 15, "cospi": 16, "erfc": 17,
    "erf": 18, "exp": 19, "exp2": 20, "exp10": 21, "expm1": 22, "fabs": 23, "fdim": 24, "floor": 25, "fma": 26,
    "fmax": 27, "fmin": 28, "fmod": 29, "fract": 30, "frexp": 31, "hypot": 32, "ilogb": 33, "ldexp": 34, "lgamma": 35,
    "lgamma_r": 36, "log": 37, "log2": 38, "log10": 39, "log1p": 40, "logb": 41, "mad": 42, "maxmag": 43, "minmag": 44,
    "modf": 45, "nan": 46, "nextafter": 47, "pow": 48, "pown": 49, "powr": 50, "remainder": 51, "remquo": 52,
    "rint": 53, "rootn": 54, "round": 55, "rsqrt": 56, "sin": 57, "sincos": 58, "sinh": 59, "sinpi": 60, "sqrt": 61,
    "tan": 62, "tanh": 63, "tanpi": 64, "tgamma": 65, "trunc": 66, "half_cos": 67, "half_divide": 68, "half_exp": 69,
    "half_exp2": 70, "half_exp10": 71, "half_log": 72, "half_log2": 73, "half_log10": 74, "half_powr": 75,
    "half_recip": 76, "half_rsqrt": 77, "half_sin": 78, "half_sqrt": 79, "half_tan": 80, "native_cos": 81,
    "native_divide": 82, "native_exp": 83, "native_exp2": 84, "native_exp10": 85, "native_log": 86, "native_log2": 87,
    "native_log10": 88, "native_powr": 89, "native_recip": 90, "native_rsqrt": 91, "native_sin": 92, "native_sqrt": 93,
    "native_tan": 94, "s_abs": 141, "s_abs_diff": 142, "s_add_sat": 143, "u_add_sat": 144, "s_hadd": 145,
    "u_hadd": 146, "s_rhadd": 147, "u_rhadd": 148, "s_clamp": 149, "u_clamp": 150, "clz": 151, "ctz": 152,
    "s_mad_hi": 153, "u_mad_sat": 154, "s_mad_sat": 155, "s_max": 156, "u_max": 157, "s_min": 158, "u_min": 159,
    "s_mul_hi": 160, "rotate": 161, "s_sub_sat": 162, "u_sub_sat": 163, "u_upsample": 164, "s_upsample": 165,
    "popcount": 166, "s_mad24": 167, "u_mad24": 168, "s_mul24": 169, "u_mul24": 170, "u_abs": 201, "u_abs_diff": 202,
    "u_mul_hi": 203, "u_mad_hi": 204, "fclamp": 95, "degrees": 96, "fmax_common": 97, "fmin_common": 98, "mix": 99,
    "radians": 100, "step": 101, "smoothstep": 102, "sign": 103, "cross": 104, "distance": 105, "length": 106,
    "normalize": 107, "fast_distance": 108, "fast_length": 109, "fast_normalize": 110, "bitselect": 186, "select": 187,
    "vloadn": 171, "vstoren": 172, "vload_half": 173, "vload_halfn": 174, "vstore_half": 175, "vstore_half_r": 176,
    "vstore_halfn": 177, "vstore_halfn_r": 178, "vloada_halfn": 179, "vstorea_halfn": 180, "vstorea_halfn_r": 181,
    "shuffle": 182, "shuffle2": 183, "printf": 184, "prefetch": 185,
}  # fmt: skip
