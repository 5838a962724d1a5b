"""Vulkan as ctypes: what the runtime calls, from revision 1.3.239 of the registry (vk.xml).

One idea: written by `tools/make_vulkan_binding.py`, never by hand. Names are Vulkan's without their prefix; `TAG` is a
structure's `sType`. Pointers are `c_void_p`.
"""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

from ctypes import Structure, c_char, c_float, c_int32, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

REVISION = "1.3.239"

# Constants

ACCESS_HOST_READ_BIT = 0x2000
ACCESS_HOST_WRITE_BIT = 0x4000
ACCESS_MEMORY_READ_BIT = 0x8000
ACCESS_MEMORY_WRITE_BIT = 0x10000
ACCESS_SHADER_READ_BIT = 0x20
ACCESS_SHADER_WRITE_BIT = 0x40
ACCESS_TRANSFER_READ_BIT = 0x800
ACCESS_TRANSFER_WRITE_BIT = 0x1000
BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT = 0x20000
BUFFER_USAGE_STORAGE_BUFFER_BIT = 0x20
BUFFER_USAGE_TRANSFER_DST_BIT = 0x2
BUFFER_USAGE_TRANSFER_SRC_BIT = 0x1
COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT = 0x1
COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT = 0x4
COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT = 0x2
COMMAND_POOL_CREATE_TRANSIENT_BIT = 0x1
DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT = 0x1000
DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT = 0x100
DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT = 0x1
DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT = 0x4
DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT = 0x2
INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR = 0x1
MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT = 0x2
MEMORY_PROPERTY_DEVICE_LOCAL_BIT = 0x1
MEMORY_PROPERTY_HOST_CACHED_BIT = 0x8
MEMORY_PROPERTY_HOST_COHERENT_BIT = 0x4
MEMORY_PROPERTY_HOST_VISIBLE_BIT = 0x2
PHYSICAL_DEVICE_TYPE_CPU = 0x4
PHYSICAL_DEVICE_TYPE_DISCRETE_GPU = 0x2
PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU = 0x1
PHYSICAL_DEVICE_TYPE_OTHER = 0x0
PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU = 0x3
PIPELINE_BIND_POINT_COMPUTE = 0x1
PIPELINE_SHADER_STAGE_CREATE_ALLOW_VARYING_SUBGROUP_SIZE_BIT = 0x1
PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT = 0x2
PIPELINE_STAGE_ALL_COMMANDS_BIT = 0x10000
PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT = 0x2000
PIPELINE_STAGE_COMPUTE_SHADER_BIT = 0x800
PIPELINE_STAGE_HOST_BIT = 0x4000
PIPELINE_STAGE_TOP_OF_PIPE_BIT = 0x1
PIPELINE_STAGE_TRANSFER_BIT = 0x1000
QUERY_RESULT_64_BIT = 0x1
QUERY_RESULT_WAIT_BIT = 0x2
QUERY_TYPE_TIMESTAMP = 0x2
QUEUE_COMPUTE_BIT = 0x2
QUEUE_GRAPHICS_BIT = 0x1
QUEUE_TRANSFER_BIT = 0x4
SEMAPHORE_TYPE_TIMELINE = 0x1
SHADER_STAGE_COMPUTE_BIT = 0x20
SHARING_MODE_EXCLUSIVE = 0x0
SUBGROUP_FEATURE_ARITHMETIC_BIT = 0x4
SUBGROUP_FEATURE_BALLOT_BIT = 0x8
SUBGROUP_FEATURE_BASIC_BIT = 0x1
SUBGROUP_FEATURE_SHUFFLE_BIT = 0x10
SUBGROUP_FEATURE_VOTE_BIT = 0x2
WHOLE_SIZE = 0xffffffffffffffff

# What a call failed with
RESULTS: dict[int, str] = {
    -1: "VK_ERROR_OUT_OF_HOST_MEMORY",
    -2: "VK_ERROR_OUT_OF_DEVICE_MEMORY",
    -3: "VK_ERROR_INITIALIZATION_FAILED",
    -4: "VK_ERROR_DEVICE_LOST",
    -5: "VK_ERROR_MEMORY_MAP_FAILED",
    -6: "VK_ERROR_LAYER_NOT_PRESENT",
    -7: "VK_ERROR_EXTENSION_NOT_PRESENT",
    -8: "VK_ERROR_FEATURE_NOT_PRESENT",
    -9: "VK_ERROR_INCOMPATIBLE_DRIVER",
    -10: "VK_ERROR_TOO_MANY_OBJECTS",
    -11: "VK_ERROR_FORMAT_NOT_SUPPORTED",
    -12: "VK_ERROR_FRAGMENTED_POOL",
    -13: "VK_ERROR_UNKNOWN",
    -1000000000: "VK_ERROR_SURFACE_LOST_KHR",
    -1000000001: "VK_ERROR_NATIVE_WINDOW_IN_USE_KHR",
    -1000001004: "VK_ERROR_OUT_OF_DATE_KHR",
    -1000003001: "VK_ERROR_INCOMPATIBLE_DISPLAY_KHR",
    -1000011001: "VK_ERROR_VALIDATION_FAILED_EXT",
    -1000012000: "VK_ERROR_INVALID_SHADER_NV",
    -1000023000: "VK_ERROR_IMAGE_USAGE_NOT_SUPPORTED_KHR",
    -1000023001: "VK_ERROR_VIDEO_PICTURE_LAYOUT_NOT_SUPPORTED_KHR",
    -1000023002: "VK_ERROR_VIDEO_PROFILE_OPERATION_NOT_SUPPORTED_KHR",
    -1000023003: "VK_ERROR_VIDEO_PROFILE_FORMAT_NOT_SUPPORTED_KHR",
    -1000023004: "VK_ERROR_VIDEO_PROFILE_CODEC_NOT_SUPPORTED_KHR",
    -1000023005: "VK_ERROR_VIDEO_STD_VERSION_NOT_SUPPORTED_KHR",
    -1000069000: "VK_ERROR_OUT_OF_POOL_MEMORY_KHR",
    -1000072003: "VK_ERROR_INVALID_EXTERNAL_HANDLE_KHR",
    -1000158000: "VK_ERROR_INVALID_DRM_FORMAT_MODIFIER_PLANE_LAYOUT_EXT",
    -1000161000: "VK_ERROR_FRAGMENTATION_EXT",
    -1000174001: "VK_ERROR_NOT_PERMITTED_EXT",
    -1000255000: "VK_ERROR_FULL_SCREEN_EXCLUSIVE_MODE_LOST_EXT",
    -1000257000: "VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS_KHR",
    -1000338000: "VK_ERROR_COMPRESSION_EXHAUSTED_EXT",
}

# Structures


class ExtensionProperties(Structure):
    _fields_ = [("extensionName", c_char * 256), ("specVersion", c_uint32)]


class LayerProperties(Structure):
    _fields_ = [("layerName", c_char * 256), ("specVersion", c_uint32), ("implementationVersion", c_uint32),
        ("description", c_char * 256)]


class InstanceCreateInfo(Structure):
    TAG = 1
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("pApplicationInfo", c_void_p),
        ("enabledLayerCount", c_uint32), ("ppEnabledLayerNames", c_void_p), ("enabledExtensionCount", c_uint32),
        ("ppEnabledExtensionNames", c_void_p)]


class PhysicalDeviceLimits(Structure):
    _fields_ = [("maxImageDimension1D", c_uint32), ("maxImageDimension2D", c_uint32), ("maxImageDimension3D",
        c_uint32), ("maxImageDimensionCube", c_uint32), ("maxImageArrayLayers", c_uint32), ("maxTexelBufferElements",
        c_uint32), ("maxUniformBufferRange", c_uint32), ("maxStorageBufferRange", c_uint32), ("maxPushConstantsSize",
        c_uint32), ("maxMemoryAllocationCount", c_uint32), ("maxSamplerAllocationCount", c_uint32),
        ("bufferImageGranularity", c_uint64), ("sparseAddressSpaceSize", c_uint64), ("maxBoundDescriptorSets",
        c_uint32), ("maxPerStageDescriptorSamplers", c_uint32), ("maxPerStageDescriptorUniformBuffers", c_uint32),
        ("maxPerStageDescriptorStorageBuffers", c_uint32), ("maxPerStageDescriptorSampledImages", c_uint32),
        ("maxPerStageDescriptorStorageImages", c_uint32), ("maxPerStageDescriptorInputAttachments", c_uint32),
        ("maxPerStageResources", c_uint32), ("maxDescriptorSetSamplers", c_uint32), ("maxDescriptorSetUniformBuffers",
        c_uint32), ("maxDescriptorSetUniformBuffersDynamic", c_uint32), ("maxDescriptorSetStorageBuffers", c_uint32),
        ("maxDescriptorSetStorageBuffersDynamic", c_uint32), ("maxDescriptorSetSampledImages", c_uint32),
        ("maxDescriptorSetStorageImages", c_uint32), ("maxDescriptorSetInputAttachments", c_uint32),
        ("maxVertexInputAttributes", c_uint32), ("maxVertexInputBindings", c_uint32),
        ("maxVertexInputAttributeOffset", c_uint32), ("maxVertexInputBindingStride", c_uint32),
        ("maxVertexOutputComponents", c_uint32), ("maxTessellationGenerationLevel", c_uint32),
        ("maxTessellationPatchSize", c_uint32), ("maxTessellationControlPerVertexInputComponents", c_uint32),
        ("maxTessellationControlPerVertexOutputComponents", c_uint32),
        ("maxTessellationControlPerPatchOutputComponents", c_uint32), ("maxTessellationControlTotalOutputComponents",
        c_uint32), ("maxTessellationEvaluationInputComponents", c_uint32),
        ("maxTessellationEvaluationOutputComponents", c_uint32), ("maxGeometryShaderInvocations", c_uint32),
        ("maxGeometryInputComponents", c_uint32), ("maxGeometryOutputComponents", c_uint32),
        ("maxGeometryOutputVertices", c_uint32), ("maxGeometryTotalOutputComponents", c_uint32),
        ("maxFragmentInputComponents", c_uint32), ("maxFragmentOutputAttachments", c_uint32),
        ("maxFragmentDualSrcAttachments", c_uint32), ("maxFragmentCombinedOutputResources", c_uint32),
        ("maxComputeSharedMemorySize", c_uint32), ("maxComputeWorkGroupCount", c_uint32 * 3),
        ("maxComputeWorkGroupInvocations", c_uint32), ("maxComputeWorkGroupSize", c_uint32 * 3),
        ("subPixelPrecisionBits", c_uint32), ("subTexelPrecisionBits", c_uint32), ("mipmapPrecisionBits", c_uint32),
        ("maxDrawIndexedIndexValue", c_uint32), ("maxDrawIndirectCount", c_uint32), ("maxSamplerLodBias", c_float),
        ("maxSamplerAnisotropy", c_float), ("maxViewports", c_uint32), ("maxViewportDimensions", c_uint32 * 2),
        ("viewportBoundsRange", c_float * 2), ("viewportSubPixelBits", c_uint32), ("minMemoryMapAlignment", c_size_t),
        ("minTexelBufferOffsetAlignment", c_uint64), ("minUniformBufferOffsetAlignment", c_uint64),
        ("minStorageBufferOffsetAlignment", c_uint64), ("minTexelOffset", c_int32), ("maxTexelOffset", c_uint32),
        ("minTexelGatherOffset", c_int32), ("maxTexelGatherOffset", c_uint32), ("minInterpolationOffset", c_float),
        ("maxInterpolationOffset", c_float), ("subPixelInterpolationOffsetBits", c_uint32), ("maxFramebufferWidth",
        c_uint32), ("maxFramebufferHeight", c_uint32), ("maxFramebufferLayers", c_uint32),
        ("framebufferColorSampleCounts", c_uint32), ("framebufferDepthSampleCounts", c_uint32),
        ("framebufferStencilSampleCounts", c_uint32), ("framebufferNoAttachmentsSampleCounts", c_uint32),
        ("maxColorAttachments", c_uint32), ("sampledImageColorSampleCounts", c_uint32),
        ("sampledImageIntegerSampleCounts", c_uint32), ("sampledImageDepthSampleCounts", c_uint32),
        ("sampledImageStencilSampleCounts", c_uint32), ("storageImageSampleCounts", c_uint32), ("maxSampleMaskWords",
        c_uint32), ("timestampComputeAndGraphics", c_uint32), ("timestampPeriod", c_float), ("maxClipDistances",
        c_uint32), ("maxCullDistances", c_uint32), ("maxCombinedClipAndCullDistances", c_uint32),
        ("discreteQueuePriorities", c_uint32), ("pointSizeRange", c_float * 2), ("lineWidthRange", c_float * 2),
        ("pointSizeGranularity", c_float), ("lineWidthGranularity", c_float), ("strictLines", c_uint32),
        ("standardSampleLocations", c_uint32), ("optimalBufferCopyOffsetAlignment", c_uint64),
        ("optimalBufferCopyRowPitchAlignment", c_uint64), ("nonCoherentAtomSize", c_uint64)]


class PhysicalDeviceSparseProperties(Structure):
    _fields_ = [("residencyStandard2DBlockShape", c_uint32), ("residencyStandard2DMultisampleBlockShape", c_uint32),
        ("residencyStandard3DBlockShape", c_uint32), ("residencyAlignedMipSize", c_uint32),
        ("residencyNonResidentStrict", c_uint32)]


class PhysicalDeviceProperties(Structure):
    _fields_ = [("apiVersion", c_uint32), ("driverVersion", c_uint32), ("vendorID", c_uint32), ("deviceID", c_uint32),
        ("deviceType", c_int32), ("deviceName", c_char * 256), ("pipelineCacheUUID", c_uint8 * 16), ("limits",
        PhysicalDeviceLimits), ("sparseProperties", PhysicalDeviceSparseProperties)]


class PhysicalDeviceProperties2(Structure):
    TAG = 1000059001
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("properties", PhysicalDeviceProperties)]


class PhysicalDeviceFeatures(Structure):
    _fields_ = [("robustBufferAccess", c_uint32), ("fullDrawIndexUint32", c_uint32), ("imageCubeArray", c_uint32),
        ("independentBlend", c_uint32), ("geometryShader", c_uint32), ("tessellationShader", c_uint32),
        ("sampleRateShading", c_uint32), ("dualSrcBlend", c_uint32), ("logicOp", c_uint32), ("multiDrawIndirect",
        c_uint32), ("drawIndirectFirstInstance", c_uint32), ("depthClamp", c_uint32), ("depthBiasClamp", c_uint32),
        ("fillModeNonSolid", c_uint32), ("depthBounds", c_uint32), ("wideLines", c_uint32), ("largePoints", c_uint32),
        ("alphaToOne", c_uint32), ("multiViewport", c_uint32), ("samplerAnisotropy", c_uint32),
        ("textureCompressionETC2", c_uint32), ("textureCompressionASTC_LDR", c_uint32), ("textureCompressionBC",
        c_uint32), ("occlusionQueryPrecise", c_uint32), ("pipelineStatisticsQuery", c_uint32),
        ("vertexPipelineStoresAndAtomics", c_uint32), ("fragmentStoresAndAtomics", c_uint32),
        ("shaderTessellationAndGeometryPointSize", c_uint32), ("shaderImageGatherExtended", c_uint32),
        ("shaderStorageImageExtendedFormats", c_uint32), ("shaderStorageImageMultisample", c_uint32),
        ("shaderStorageImageReadWithoutFormat", c_uint32), ("shaderStorageImageWriteWithoutFormat", c_uint32),
        ("shaderUniformBufferArrayDynamicIndexing", c_uint32), ("shaderSampledImageArrayDynamicIndexing", c_uint32),
        ("shaderStorageBufferArrayDynamicIndexing", c_uint32), ("shaderStorageImageArrayDynamicIndexing", c_uint32),
        ("shaderClipDistance", c_uint32), ("shaderCullDistance", c_uint32), ("shaderFloat64", c_uint32),
        ("shaderInt64", c_uint32), ("shaderInt16", c_uint32), ("shaderResourceResidency", c_uint32),
        ("shaderResourceMinLod", c_uint32), ("sparseBinding", c_uint32), ("sparseResidencyBuffer", c_uint32),
        ("sparseResidencyImage2D", c_uint32), ("sparseResidencyImage3D", c_uint32), ("sparseResidency2Samples",
        c_uint32), ("sparseResidency4Samples", c_uint32), ("sparseResidency8Samples", c_uint32),
        ("sparseResidency16Samples", c_uint32), ("sparseResidencyAliased", c_uint32), ("variableMultisampleRate",
        c_uint32), ("inheritedQueries", c_uint32)]


class PhysicalDeviceFeatures2(Structure):
    TAG = 1000059000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("features", PhysicalDeviceFeatures)]


class MemoryType(Structure):
    _fields_ = [("propertyFlags", c_uint32), ("heapIndex", c_uint32)]


class MemoryHeap(Structure):
    _fields_ = [("size", c_uint64), ("flags", c_uint32)]


class PhysicalDeviceMemoryProperties(Structure):
    _fields_ = [("memoryTypeCount", c_uint32), ("memoryTypes", MemoryType * 32), ("memoryHeapCount", c_uint32),
        ("memoryHeaps", MemoryHeap * 16)]


class PhysicalDeviceMemoryProperties2(Structure):
    TAG = 1000059006
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("memoryProperties", PhysicalDeviceMemoryProperties)]


class Extent3D(Structure):
    _fields_ = [("width", c_uint32), ("height", c_uint32), ("depth", c_uint32)]


class QueueFamilyProperties(Structure):
    _fields_ = [("queueFlags", c_uint32), ("queueCount", c_uint32), ("timestampValidBits", c_uint32),
        ("minImageTransferGranularity", Extent3D)]


class DeviceCreateInfo(Structure):
    TAG = 3
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("queueCreateInfoCount", c_uint32),
        ("pQueueCreateInfos", c_void_p), ("enabledLayerCount", c_uint32), ("ppEnabledLayerNames", c_void_p),
        ("enabledExtensionCount", c_uint32), ("ppEnabledExtensionNames", c_void_p), ("pEnabledFeatures", c_void_p)]


class DebugUtilsMessengerCreateInfoEXT(Structure):
    TAG = 1000128004
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("messageSeverity", c_uint32),
        ("messageType", c_uint32), ("pfnUserCallback", c_void_p), ("pUserData", c_void_p)]


class MemoryAllocateInfo(Structure):
    TAG = 5
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("allocationSize", c_uint64), ("memoryTypeIndex", c_uint32)]


class MappedMemoryRange(Structure):
    TAG = 6
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("memory", c_uint64), ("offset", c_uint64), ("size",
        c_uint64)]


class BufferCreateInfo(Structure):
    TAG = 12
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("size", c_uint64), ("usage", c_uint32),
        ("sharingMode", c_int32), ("queueFamilyIndexCount", c_uint32), ("pQueueFamilyIndices", c_void_p)]


class MemoryRequirements(Structure):
    _fields_ = [("size", c_uint64), ("alignment", c_uint64), ("memoryTypeBits", c_uint32)]


class BufferDeviceAddressInfo(Structure):
    TAG = 1000244001
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("buffer", c_uint64)]


class ShaderModuleCreateInfo(Structure):
    TAG = 16
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("codeSize", c_size_t), ("pCode",
        c_void_p)]


class PipelineLayoutCreateInfo(Structure):
    TAG = 30
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("setLayoutCount", c_uint32),
        ("pSetLayouts", c_void_p), ("pushConstantRangeCount", c_uint32), ("pPushConstantRanges", c_void_p)]


class PipelineShaderStageCreateInfo(Structure):
    TAG = 18
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("stage", c_int32), ("module",
        c_uint64), ("pName", c_void_p), ("pSpecializationInfo", c_void_p)]


class ComputePipelineCreateInfo(Structure):
    TAG = 29
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("stage",
        PipelineShaderStageCreateInfo), ("layout", c_uint64), ("basePipelineHandle", c_uint64), ("basePipelineIndex",
        c_int32)]


class PipelineCacheCreateInfo(Structure):
    TAG = 17
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("initialDataSize", c_size_t),
        ("pInitialData", c_void_p)]


class CommandPoolCreateInfo(Structure):
    TAG = 39
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("queueFamilyIndex", c_uint32)]


class CommandBufferAllocateInfo(Structure):
    TAG = 40
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("commandPool", c_uint64), ("level", c_int32),
        ("commandBufferCount", c_uint32)]


class CommandBufferBeginInfo(Structure):
    TAG = 42
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("pInheritanceInfo", c_void_p)]


class MemoryBarrier(Structure):
    TAG = 46
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("srcAccessMask", c_uint32), ("dstAccessMask", c_uint32)]


class BufferMemoryBarrier(Structure):
    TAG = 44
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("srcAccessMask", c_uint32), ("dstAccessMask", c_uint32),
        ("srcQueueFamilyIndex", c_uint32), ("dstQueueFamilyIndex", c_uint32), ("buffer", c_uint64), ("offset",
        c_uint64), ("size", c_uint64)]


class ImageSubresourceRange(Structure):
    _fields_ = [("aspectMask", c_uint32), ("baseMipLevel", c_uint32), ("levelCount", c_uint32), ("baseArrayLayer",
        c_uint32), ("layerCount", c_uint32)]


class ImageMemoryBarrier(Structure):
    TAG = 45
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("srcAccessMask", c_uint32), ("dstAccessMask", c_uint32),
        ("oldLayout", c_int32), ("newLayout", c_int32), ("srcQueueFamilyIndex", c_uint32), ("dstQueueFamilyIndex",
        c_uint32), ("image", c_uint64), ("subresourceRange", ImageSubresourceRange)]


class BufferCopy(Structure):
    _fields_ = [("srcOffset", c_uint64), ("dstOffset", c_uint64), ("size", c_uint64)]


class QueryPoolCreateInfo(Structure):
    TAG = 11
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("queryType", c_int32), ("queryCount",
        c_uint32), ("pipelineStatistics", c_uint32)]


class SemaphoreCreateInfo(Structure):
    TAG = 9
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32)]


class SemaphoreWaitInfo(Structure):
    TAG = 1000207004
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("semaphoreCount", c_uint32),
        ("pSemaphores", c_void_p), ("pValues", c_void_p)]


class SubmitInfo(Structure):
    TAG = 4
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("waitSemaphoreCount", c_uint32), ("pWaitSemaphores",
        c_void_p), ("pWaitDstStageMask", c_void_p), ("commandBufferCount", c_uint32), ("pCommandBuffers", c_void_p),
        ("signalSemaphoreCount", c_uint32), ("pSignalSemaphores", c_void_p)]


class ApplicationInfo(Structure):
    TAG = 0
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("pApplicationName", c_void_p), ("applicationVersion",
        c_uint32), ("pEngineName", c_void_p), ("engineVersion", c_uint32), ("apiVersion", c_uint32)]


class DeviceQueueCreateInfo(Structure):
    TAG = 2
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("queueFamilyIndex", c_uint32),
        ("queueCount", c_uint32), ("pQueuePriorities", c_void_p)]


class PushConstantRange(Structure):
    _fields_ = [("stageFlags", c_uint32), ("offset", c_uint32), ("size", c_uint32)]


class PhysicalDeviceVulkan11Features(Structure):
    TAG = 49
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("storageBuffer16BitAccess", c_uint32),
        ("uniformAndStorageBuffer16BitAccess", c_uint32), ("storagePushConstant16", c_uint32),
        ("storageInputOutput16", c_uint32), ("multiview", c_uint32), ("multiviewGeometryShader", c_uint32),
        ("multiviewTessellationShader", c_uint32), ("variablePointersStorageBuffer", c_uint32), ("variablePointers",
        c_uint32), ("protectedMemory", c_uint32), ("samplerYcbcrConversion", c_uint32), ("shaderDrawParameters",
        c_uint32)]


class PhysicalDeviceVulkan12Features(Structure):
    TAG = 51
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("samplerMirrorClampToEdge", c_uint32), ("drawIndirectCount",
        c_uint32), ("storageBuffer8BitAccess", c_uint32), ("uniformAndStorageBuffer8BitAccess", c_uint32),
        ("storagePushConstant8", c_uint32), ("shaderBufferInt64Atomics", c_uint32), ("shaderSharedInt64Atomics",
        c_uint32), ("shaderFloat16", c_uint32), ("shaderInt8", c_uint32), ("descriptorIndexing", c_uint32),
        ("shaderInputAttachmentArrayDynamicIndexing", c_uint32), ("shaderUniformTexelBufferArrayDynamicIndexing",
        c_uint32), ("shaderStorageTexelBufferArrayDynamicIndexing", c_uint32),
        ("shaderUniformBufferArrayNonUniformIndexing", c_uint32), ("shaderSampledImageArrayNonUniformIndexing",
        c_uint32), ("shaderStorageBufferArrayNonUniformIndexing", c_uint32),
        ("shaderStorageImageArrayNonUniformIndexing", c_uint32), ("shaderInputAttachmentArrayNonUniformIndexing",
        c_uint32), ("shaderUniformTexelBufferArrayNonUniformIndexing", c_uint32),
        ("shaderStorageTexelBufferArrayNonUniformIndexing", c_uint32),
        ("descriptorBindingUniformBufferUpdateAfterBind", c_uint32), ("descriptorBindingSampledImageUpdateAfterBind",
        c_uint32), ("descriptorBindingStorageImageUpdateAfterBind", c_uint32),
        ("descriptorBindingStorageBufferUpdateAfterBind", c_uint32),
        ("descriptorBindingUniformTexelBufferUpdateAfterBind", c_uint32),
        ("descriptorBindingStorageTexelBufferUpdateAfterBind", c_uint32),
        ("descriptorBindingUpdateUnusedWhilePending", c_uint32), ("descriptorBindingPartiallyBound", c_uint32),
        ("descriptorBindingVariableDescriptorCount", c_uint32), ("runtimeDescriptorArray", c_uint32),
        ("samplerFilterMinmax", c_uint32), ("scalarBlockLayout", c_uint32), ("imagelessFramebuffer", c_uint32),
        ("uniformBufferStandardLayout", c_uint32), ("shaderSubgroupExtendedTypes", c_uint32),
        ("separateDepthStencilLayouts", c_uint32), ("hostQueryReset", c_uint32), ("timelineSemaphore", c_uint32),
        ("bufferDeviceAddress", c_uint32), ("bufferDeviceAddressCaptureReplay", c_uint32),
        ("bufferDeviceAddressMultiDevice", c_uint32), ("vulkanMemoryModel", c_uint32),
        ("vulkanMemoryModelDeviceScope", c_uint32), ("vulkanMemoryModelAvailabilityVisibilityChains", c_uint32),
        ("shaderOutputViewportIndex", c_uint32), ("shaderOutputLayer", c_uint32), ("subgroupBroadcastDynamicId",
        c_uint32)]


class PhysicalDeviceVulkan13Features(Structure):
    TAG = 53
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("robustImageAccess", c_uint32), ("inlineUniformBlock",
        c_uint32), ("descriptorBindingInlineUniformBlockUpdateAfterBind", c_uint32), ("pipelineCreationCacheControl",
        c_uint32), ("privateData", c_uint32), ("shaderDemoteToHelperInvocation", c_uint32),
        ("shaderTerminateInvocation", c_uint32), ("subgroupSizeControl", c_uint32), ("computeFullSubgroups",
        c_uint32), ("synchronization2", c_uint32), ("textureCompressionASTC_HDR", c_uint32),
        ("shaderZeroInitializeWorkgroupMemory", c_uint32), ("dynamicRendering", c_uint32), ("shaderIntegerDotProduct",
        c_uint32), ("maintenance4", c_uint32)]


class PhysicalDeviceVulkan11Properties(Structure):
    TAG = 50
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("deviceUUID", c_uint8 * 16), ("driverUUID", c_uint8 * 16),
        ("deviceLUID", c_uint8 * 8), ("deviceNodeMask", c_uint32), ("deviceLUIDValid", c_uint32), ("subgroupSize",
        c_uint32), ("subgroupSupportedStages", c_uint32), ("subgroupSupportedOperations", c_uint32),
        ("subgroupQuadOperationsInAllStages", c_uint32), ("pointClippingBehavior", c_int32), ("maxMultiviewViewCount",
        c_uint32), ("maxMultiviewInstanceIndex", c_uint32), ("protectedNoFault", c_uint32), ("maxPerSetDescriptors",
        c_uint32), ("maxMemoryAllocationSize", c_uint64)]


class ConformanceVersion(Structure):
    _fields_ = [("major", c_uint8), ("minor", c_uint8), ("subminor", c_uint8), ("patch", c_uint8)]


class PhysicalDeviceVulkan12Properties(Structure):
    TAG = 52
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("driverID", c_int32), ("driverName", c_char * 256),
        ("driverInfo", c_char * 256), ("conformanceVersion", ConformanceVersion), ("denormBehaviorIndependence",
        c_int32), ("roundingModeIndependence", c_int32), ("shaderSignedZeroInfNanPreserveFloat16", c_uint32),
        ("shaderSignedZeroInfNanPreserveFloat32", c_uint32), ("shaderSignedZeroInfNanPreserveFloat64", c_uint32),
        ("shaderDenormPreserveFloat16", c_uint32), ("shaderDenormPreserveFloat32", c_uint32),
        ("shaderDenormPreserveFloat64", c_uint32), ("shaderDenormFlushToZeroFloat16", c_uint32),
        ("shaderDenormFlushToZeroFloat32", c_uint32), ("shaderDenormFlushToZeroFloat64", c_uint32),
        ("shaderRoundingModeRTEFloat16", c_uint32), ("shaderRoundingModeRTEFloat32", c_uint32),
        ("shaderRoundingModeRTEFloat64", c_uint32), ("shaderRoundingModeRTZFloat16", c_uint32),
        ("shaderRoundingModeRTZFloat32", c_uint32), ("shaderRoundingModeRTZFloat64", c_uint32),
        ("maxUpdateAfterBindDescriptorsInAllPools", c_uint32), ("shaderUniformBufferArrayNonUniformIndexingNative",
        c_uint32), ("shaderSampledImageArrayNonUniformIndexingNative", c_uint32),
        ("shaderStorageBufferArrayNonUniformIndexingNative", c_uint32),
        ("shaderStorageImageArrayNonUniformIndexingNative", c_uint32),
        ("shaderInputAttachmentArrayNonUniformIndexingNative", c_uint32), ("robustBufferAccessUpdateAfterBind",
        c_uint32), ("quadDivergentImplicitLod", c_uint32), ("maxPerStageDescriptorUpdateAfterBindSamplers", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindUniformBuffers", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindStorageBuffers", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindSampledImages", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindStorageImages", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindInputAttachments", c_uint32), ("maxPerStageUpdateAfterBindResources",
        c_uint32), ("maxDescriptorSetUpdateAfterBindSamplers", c_uint32),
        ("maxDescriptorSetUpdateAfterBindUniformBuffers", c_uint32),
        ("maxDescriptorSetUpdateAfterBindUniformBuffersDynamic", c_uint32),
        ("maxDescriptorSetUpdateAfterBindStorageBuffers", c_uint32),
        ("maxDescriptorSetUpdateAfterBindStorageBuffersDynamic", c_uint32),
        ("maxDescriptorSetUpdateAfterBindSampledImages", c_uint32), ("maxDescriptorSetUpdateAfterBindStorageImages",
        c_uint32), ("maxDescriptorSetUpdateAfterBindInputAttachments", c_uint32), ("supportedDepthResolveModes",
        c_uint32), ("supportedStencilResolveModes", c_uint32), ("independentResolveNone", c_uint32),
        ("independentResolve", c_uint32), ("filterMinmaxSingleComponentFormats", c_uint32),
        ("filterMinmaxImageComponentMapping", c_uint32), ("maxTimelineSemaphoreValueDifference", c_uint64),
        ("framebufferIntegerColorSampleCounts", c_uint32)]


class PhysicalDeviceVulkan13Properties(Structure):
    TAG = 54
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("minSubgroupSize", c_uint32), ("maxSubgroupSize", c_uint32),
        ("maxComputeWorkgroupSubgroups", c_uint32), ("requiredSubgroupSizeStages", c_uint32),
        ("maxInlineUniformBlockSize", c_uint32), ("maxPerStageDescriptorInlineUniformBlocks", c_uint32),
        ("maxPerStageDescriptorUpdateAfterBindInlineUniformBlocks", c_uint32), ("maxDescriptorSetInlineUniformBlocks",
        c_uint32), ("maxDescriptorSetUpdateAfterBindInlineUniformBlocks", c_uint32), ("maxInlineUniformTotalSize",
        c_uint32), ("integerDotProduct8BitUnsignedAccelerated", c_uint32), ("integerDotProduct8BitSignedAccelerated",
        c_uint32), ("integerDotProduct8BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProduct4x8BitPackedUnsignedAccelerated", c_uint32),
        ("integerDotProduct4x8BitPackedSignedAccelerated", c_uint32),
        ("integerDotProduct4x8BitPackedMixedSignednessAccelerated", c_uint32),
        ("integerDotProduct16BitUnsignedAccelerated", c_uint32), ("integerDotProduct16BitSignedAccelerated",
        c_uint32), ("integerDotProduct16BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProduct32BitUnsignedAccelerated", c_uint32), ("integerDotProduct32BitSignedAccelerated",
        c_uint32), ("integerDotProduct32BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProduct64BitUnsignedAccelerated", c_uint32), ("integerDotProduct64BitSignedAccelerated",
        c_uint32), ("integerDotProduct64BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating8BitUnsignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating8BitSignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating8BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating4x8BitPackedUnsignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating4x8BitPackedSignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating4x8BitPackedMixedSignednessAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating16BitUnsignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating16BitSignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating16BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating32BitUnsignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating32BitSignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating32BitMixedSignednessAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating64BitUnsignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating64BitSignedAccelerated", c_uint32),
        ("integerDotProductAccumulatingSaturating64BitMixedSignednessAccelerated", c_uint32),
        ("storageTexelBufferOffsetAlignmentBytes", c_uint64), ("storageTexelBufferOffsetSingleTexelAlignment",
        c_uint32), ("uniformTexelBufferOffsetAlignmentBytes", c_uint64),
        ("uniformTexelBufferOffsetSingleTexelAlignment", c_uint32), ("maxBufferSize", c_uint64)]


class PhysicalDeviceShaderAtomicFloatFeaturesEXT(Structure):
    TAG = 1000260000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("shaderBufferFloat32Atomics", c_uint32),
        ("shaderBufferFloat32AtomicAdd", c_uint32), ("shaderBufferFloat64Atomics", c_uint32),
        ("shaderBufferFloat64AtomicAdd", c_uint32), ("shaderSharedFloat32Atomics", c_uint32),
        ("shaderSharedFloat32AtomicAdd", c_uint32), ("shaderSharedFloat64Atomics", c_uint32),
        ("shaderSharedFloat64AtomicAdd", c_uint32), ("shaderImageFloat32Atomics", c_uint32),
        ("shaderImageFloat32AtomicAdd", c_uint32), ("sparseImageFloat32Atomics", c_uint32),
        ("sparseImageFloat32AtomicAdd", c_uint32)]


class PhysicalDeviceShaderAtomicFloat2FeaturesEXT(Structure):
    TAG = 1000273000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("shaderBufferFloat16Atomics", c_uint32),
        ("shaderBufferFloat16AtomicAdd", c_uint32), ("shaderBufferFloat16AtomicMinMax", c_uint32),
        ("shaderBufferFloat32AtomicMinMax", c_uint32), ("shaderBufferFloat64AtomicMinMax", c_uint32),
        ("shaderSharedFloat16Atomics", c_uint32), ("shaderSharedFloat16AtomicAdd", c_uint32),
        ("shaderSharedFloat16AtomicMinMax", c_uint32), ("shaderSharedFloat32AtomicMinMax", c_uint32),
        ("shaderSharedFloat64AtomicMinMax", c_uint32), ("shaderImageFloat32AtomicMinMax", c_uint32),
        ("sparseImageFloat32AtomicMinMax", c_uint32)]


class PhysicalDeviceMemoryBudgetPropertiesEXT(Structure):
    TAG = 1000237000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("heapBudget", c_uint64 * 16), ("heapUsage", c_uint64 * 16)]


class MemoryAllocateFlagsInfo(Structure):
    TAG = 1000060000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("deviceMask", c_uint32)]


class SemaphoreTypeCreateInfo(Structure):
    TAG = 1000207002
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("semaphoreType", c_int32), ("initialValue", c_uint64)]


class TimelineSemaphoreSubmitInfo(Structure):
    TAG = 1000207003
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("waitSemaphoreValueCount", c_uint32),
        ("pWaitSemaphoreValues", c_void_p), ("signalSemaphoreValueCount", c_uint32), ("pSignalSemaphoreValues",
        c_void_p)]


class DebugUtilsMessengerCallbackDataEXT(Structure):
    TAG = 1000128003
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("flags", c_uint32), ("pMessageIdName", c_void_p),
        ("messageIdNumber", c_int32), ("pMessage", c_void_p), ("queueLabelCount", c_uint32), ("pQueueLabels",
        c_void_p), ("cmdBufLabelCount", c_uint32), ("pCmdBufLabels", c_void_p), ("objectCount", c_uint32),
        ("pObjects", c_void_p)]


class PipelineShaderStageRequiredSubgroupSizeCreateInfo(Structure):
    TAG = 1000225001
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("requiredSubgroupSize", c_uint32)]


class PhysicalDeviceSubgroupSizeControlFeatures(Structure):
    TAG = 1000225002
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("subgroupSizeControl", c_uint32), ("computeFullSubgroups",
        c_uint32)]


class PhysicalDeviceSubgroupSizeControlProperties(Structure):
    TAG = 1000225000
    _fields_ = [("sType", c_int32), ("pNext", c_void_p), ("minSubgroupSize", c_uint32), ("maxSubgroupSize", c_uint32),
        ("maxComputeWorkgroupSubgroups", c_uint32), ("requiredSubgroupSizeStages", c_uint32)]


# Commands: what they return, what they take. Those of the library itself, of an instance, of a device.

GLOBAL: dict[str, tuple[Any, list[Any]]] = {
    "vkEnumerateInstanceVersion": (c_int32, [c_void_p]),
    "vkEnumerateInstanceExtensionProperties": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "vkEnumerateInstanceLayerProperties": (c_int32, [c_void_p, c_void_p]),
    "vkCreateInstance": (c_int32, [c_void_p, c_void_p, c_void_p]),
}

INSTANCE: dict[str, tuple[Any, list[Any]]] = {
    "vkEnumeratePhysicalDevices": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "vkGetPhysicalDeviceProperties2": (None, [c_void_p, c_void_p]),
    "vkGetPhysicalDeviceFeatures2": (None, [c_void_p, c_void_p]),
    "vkGetPhysicalDeviceMemoryProperties2": (None, [c_void_p, c_void_p]),
    "vkGetPhysicalDeviceQueueFamilyProperties": (None, [c_void_p, c_void_p, c_void_p]),
    "vkEnumerateDeviceExtensionProperties": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkCreateDevice": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkGetDeviceProcAddr": (c_void_p, [c_void_p, c_void_p]),
    "vkCreateDebugUtilsMessengerEXT": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
}

DEVICE: dict[str, tuple[Any, list[Any]]] = {
    "vkGetDeviceQueue": (None, [c_void_p, c_uint32, c_uint32, c_void_p]),
    "vkAllocateMemory": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkFreeMemory": (None, [c_void_p, c_uint64, c_void_p]),
    "vkMapMemory": (c_int32, [c_void_p, c_uint64, c_uint64, c_uint64, c_uint32, c_void_p]),
    "vkFlushMappedMemoryRanges": (c_int32, [c_void_p, c_uint32, c_void_p]),
    "vkInvalidateMappedMemoryRanges": (c_int32, [c_void_p, c_uint32, c_void_p]),
    "vkCreateBuffer": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkDestroyBuffer": (None, [c_void_p, c_uint64, c_void_p]),
    "vkGetBufferMemoryRequirements": (None, [c_void_p, c_uint64, c_void_p]),
    "vkBindBufferMemory": (c_int32, [c_void_p, c_uint64, c_uint64, c_uint64]),
    "vkGetBufferDeviceAddress": (c_uint64, [c_void_p, c_void_p]),
    "vkCreateShaderModule": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkDestroyShaderModule": (None, [c_void_p, c_uint64, c_void_p]),
    "vkCreatePipelineLayout": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkCreateComputePipelines": (c_int32, [c_void_p, c_uint64, c_uint32, c_void_p, c_void_p, c_void_p]),
    "vkDestroyPipeline": (None, [c_void_p, c_uint64, c_void_p]),
    "vkCreatePipelineCache": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkGetPipelineCacheData": (c_int32, [c_void_p, c_uint64, c_void_p, c_void_p]),
    "vkCreateCommandPool": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkDestroyCommandPool": (None, [c_void_p, c_uint64, c_void_p]),
    "vkAllocateCommandBuffers": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "vkFreeCommandBuffers": (None, [c_void_p, c_uint64, c_uint32, c_void_p]),
    "vkBeginCommandBuffer": (c_int32, [c_void_p, c_void_p]),
    "vkEndCommandBuffer": (c_int32, [c_void_p]),
    "vkCmdBindPipeline": (None, [c_void_p, c_int32, c_uint64]),
    "vkCmdPushConstants": (None, [c_void_p, c_uint64, c_uint32, c_uint32, c_uint32, c_void_p]),
    "vkCmdDispatch": (None, [c_void_p, c_uint32, c_uint32, c_uint32]),
    "vkCmdPipelineBarrier": (None, [c_void_p, c_uint32, c_uint32, c_uint32, c_uint32, c_void_p, c_uint32, c_void_p, c_uint32, c_void_p]),
    "vkCmdCopyBuffer": (None, [c_void_p, c_uint64, c_uint64, c_uint32, c_void_p]),
    "vkCmdFillBuffer": (None, [c_void_p, c_uint64, c_uint64, c_uint64, c_uint32]),
    "vkCmdWriteTimestamp": (None, [c_void_p, c_int32, c_uint64, c_uint32]),
    "vkCmdResetQueryPool": (None, [c_void_p, c_uint64, c_uint32, c_uint32]),
    "vkCreateQueryPool": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkDestroyQueryPool": (None, [c_void_p, c_uint64, c_void_p]),
    "vkGetQueryPoolResults": (c_int32, [c_void_p, c_uint64, c_uint32, c_uint32, c_size_t, c_void_p, c_uint64, c_uint32]),
    "vkCreateSemaphore": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "vkDestroySemaphore": (None, [c_void_p, c_uint64, c_void_p]),
    "vkGetSemaphoreCounterValue": (c_int32, [c_void_p, c_uint64, c_void_p]),
    "vkWaitSemaphores": (c_int32, [c_void_p, c_void_p, c_uint64]),
    "vkQueueSubmit": (c_int32, [c_void_p, c_uint32, c_void_p, c_uint64]),
    "vkDeviceWaitIdle": (c_int32, [c_void_p]),
}
