target datalayout = "e-m:e-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"

%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32 }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 8
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !4
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #10
  store i64 0, ptr @started, align 8, !tbaa !4
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !8
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !4
  store ptr %1, ptr @others_context, align 8, !tbaa !10
  store ptr %0, ptr @others, align 8, !tbaa !10
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 8
  %5 = alloca [128 x i64], align 8
  %6 = alloca %struct.Plan, align 8
  %7 = alloca [16 x i64], align 8
  %8 = alloca %struct.Work, align 8
  %9 = alloca [64 x i64], align 8
  %10 = alloca [512 x i64], align 8
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %10) #11
  %11 = icmp eq ptr %1, null
  br i1 %11, label %591, label %12

12:                                               ; preds = %3
  %13 = getelementptr inbounds i8, ptr %1, i64 24
  %14 = getelementptr inbounds i8, ptr %1, i64 48
  %15 = load i64, ptr %1, align 8, !tbaa !4
  %16 = load i64, ptr %13, align 8, !tbaa !4
  %17 = icmp slt i64 %15, 0
  %18 = add i64 %16, -1025
  %19 = icmp ult i64 %18, -1024
  %20 = select i1 %17, i1 true, i1 %19
  br i1 %20, label %591, label %67

21:                                               ; preds = %74
  %22 = getelementptr inbounds i8, ptr %1, i64 8
  %23 = load i64, ptr %22, align 8, !tbaa !4
  %24 = getelementptr inbounds i8, ptr %1, i64 32
  %25 = load i64, ptr %24, align 8, !tbaa !4
  %26 = icmp slt i64 %23, 0
  %27 = add i64 %25, -1025
  %28 = icmp ult i64 %27, -1024
  %29 = select i1 %26, i1 true, i1 %28
  br i1 %29, label %591, label %30

30:                                               ; preds = %21
  %31 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %23, i64 %25)
  %32 = extractvalue { i64, i1 } %31, 1
  %33 = extractvalue { i64, i1 } %31, 0
  br i1 %32, label %591, label %34

34:                                               ; preds = %30
  %35 = getelementptr inbounds i8, ptr %1, i64 56
  %36 = load i64, ptr %35, align 8, !tbaa !4
  %37 = icmp sgt i64 %36, %33
  br i1 %37, label %591, label %38

38:                                               ; preds = %34
  %39 = icmp eq i64 %23, 0
  %40 = sext i1 %39 to i64
  %41 = sub nsw i64 %40, %25
  %42 = add i64 %41, %33
  %43 = icmp sgt i64 %36, %42
  br i1 %43, label %44, label %591

44:                                               ; preds = %38
  %45 = getelementptr inbounds i8, ptr %1, i64 16
  %46 = load i64, ptr %45, align 8, !tbaa !4
  %47 = getelementptr inbounds i8, ptr %1, i64 40
  %48 = load i64, ptr %47, align 8, !tbaa !4
  %49 = icmp slt i64 %46, 0
  %50 = add i64 %48, -1025
  %51 = icmp ult i64 %50, -1024
  %52 = select i1 %49, i1 true, i1 %51
  br i1 %52, label %591, label %53

53:                                               ; preds = %44
  %54 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %46, i64 %48)
  %55 = extractvalue { i64, i1 } %54, 1
  %56 = extractvalue { i64, i1 } %54, 0
  br i1 %55, label %591, label %57

57:                                               ; preds = %53
  %58 = getelementptr inbounds i8, ptr %1, i64 64
  %59 = load i64, ptr %58, align 8, !tbaa !4
  %60 = icmp sgt i64 %59, %56
  br i1 %60, label %591, label %61

61:                                               ; preds = %57
  %62 = icmp eq i64 %46, 0
  %63 = sext i1 %62 to i64
  %64 = sub nsw i64 %63, %48
  %65 = add i64 %64, %56
  %66 = icmp sgt i64 %59, %65
  br i1 %66, label %80, label %591

67:                                               ; preds = %12
  %68 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %15, i64 %16)
  %69 = extractvalue { i64, i1 } %68, 1
  %70 = extractvalue { i64, i1 } %68, 0
  br i1 %69, label %591, label %71

71:                                               ; preds = %67
  %72 = load i64, ptr %14, align 8, !tbaa !4
  %73 = icmp sgt i64 %72, %70
  br i1 %73, label %591, label %74

74:                                               ; preds = %71
  %75 = icmp eq i64 %15, 0
  %76 = sext i1 %75 to i64
  %77 = sub nsw i64 %76, %16
  %78 = add i64 %77, %70
  %79 = icmp sgt i64 %72, %78
  br i1 %79, label %21, label %591

80:                                               ; preds = %61
  %81 = mul nuw nsw i64 %25, %16
  %82 = mul nuw nsw i64 %81, %48
  %83 = icmp ugt i64 %82, 1024
  br i1 %83, label %591, label %84

84:                                               ; preds = %80
  %85 = getelementptr inbounds i8, ptr %0, i64 16
  %86 = load i32, ptr %85, align 8, !tbaa !12
  %87 = icmp sgt i32 %86, 0
  br i1 %87, label %88, label %304

88:                                               ; preds = %84
  %89 = load ptr, ptr %0, align 8, !tbaa !14
  %90 = zext nneg i32 %86 to i64
  br label %91

91:                                               ; preds = %88, %288
  %92 = phi i64 [ 0, %88 ], [ %292, %288 ]
  %93 = phi i32 [ 0, %88 ], [ %291, %288 ]
  %94 = phi i32 [ 0, %88 ], [ %289, %288 ]
  %95 = getelementptr inbounds %struct.Param, ptr %89, i64 %92
  %96 = load i32, ptr %95, align 4, !tbaa !15
  %97 = icmp eq i32 %96, 0
  %98 = getelementptr inbounds ptr, ptr %2, i64 %92
  %99 = load ptr, ptr %98, align 8, !tbaa !10
  br i1 %97, label %254, label %100

100:                                              ; preds = %91
  %101 = sext i32 %93 to i64
  %102 = getelementptr inbounds i64, ptr %10, i64 %101
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %9) #11
  %103 = icmp eq ptr %99, null
  br i1 %103, label %294, label %104

104:                                              ; preds = %100
  %105 = getelementptr inbounds i8, ptr %95, i64 8
  %106 = load i32, ptr %105, align 4, !tbaa !17
  %107 = icmp eq i32 %106, 0
  br i1 %107, label %112, label %108

108:                                              ; preds = %104
  %109 = getelementptr inbounds i8, ptr %99, i64 8
  %110 = load ptr, ptr %109, align 8, !tbaa !18
  %111 = icmp eq ptr %110, null
  br i1 %111, label %294, label %112

112:                                              ; preds = %108, %104
  %113 = getelementptr inbounds i8, ptr %95, i64 4
  %114 = load i32, ptr %113, align 4, !tbaa !20
  %115 = sext i32 %114 to i64
  %116 = getelementptr inbounds i8, ptr %99, i64 8
  %117 = zext i32 %106 to i64
  br label %118

118:                                              ; preds = %130, %112
  %119 = phi i64 [ %122, %130 ], [ %117, %112 ]
  %120 = phi i64 [ %133, %130 ], [ 0, %112 ]
  %121 = phi i64 [ %138, %130 ], [ %115, %112 ]
  %122 = add nsw i64 %119, -1
  %123 = trunc nuw i64 %119 to i32
  %124 = icmp slt i32 %123, 1
  br i1 %124, label %139, label %125

125:                                              ; preds = %118
  %126 = load ptr, ptr %116, align 8, !tbaa !18
  %127 = getelementptr inbounds i64, ptr %126, i64 %122
  %128 = load i64, ptr %127, align 8, !tbaa !4
  %129 = icmp slt i64 %128, 0
  br i1 %129, label %298, label %130

130:                                              ; preds = %125
  %131 = icmp eq i64 %128, 0
  %132 = zext i1 %131 to i64
  %133 = or i64 %120, %132
  %134 = getelementptr inbounds [64 x i64], ptr %9, i64 0, i64 %122
  store i64 %121, ptr %134, align 8, !tbaa !4
  %135 = tail call i64 @llvm.umax.i64(i64 %128, i64 1)
  %136 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %121, i64 %135)
  %137 = extractvalue { i64, i1 } %136, 1
  %138 = extractvalue { i64, i1 } %136, 0
  br i1 %137, label %298, label %118, !llvm.loop !21

139:                                              ; preds = %118
  %140 = getelementptr inbounds i8, ptr %99, i64 16
  %141 = load ptr, ptr %140, align 8, !tbaa !23
  %142 = icmp eq ptr %141, null
  %143 = select i1 %142, ptr %9, ptr %141
  %144 = load ptr, ptr %99, align 8, !tbaa !24
  %145 = icmp ne ptr %144, null
  %146 = icmp ne i64 %120, 0
  %147 = select i1 %145, i1 true, i1 %146
  br i1 %147, label %148, label %298

148:                                              ; preds = %139
  %149 = ptrtoint ptr %144 to i64
  %150 = getelementptr inbounds i8, ptr %95, i64 16
  %151 = load i32, ptr %150, align 4, !tbaa !25
  %152 = add nsw i32 %151, -1
  %153 = sext i32 %152 to i64
  %154 = and i64 %153, %149
  %155 = icmp eq i64 %154, 0
  br i1 %155, label %156, label %298

156:                                              ; preds = %148
  store i64 %149, ptr %102, align 8, !tbaa !4
  %157 = icmp sgt i32 %106, 0
  br i1 %157, label %158, label %177

158:                                              ; preds = %156
  %159 = load ptr, ptr %116, align 8, !tbaa !18
  %160 = getelementptr inbounds i64, ptr %102, i64 %117
  %161 = getelementptr inbounds i8, ptr %160, i64 8
  br label %162

162:                                              ; preds = %172, %158
  %163 = phi i64 [ 0, %158 ], [ %173, %172 ]
  %164 = getelementptr inbounds i64, ptr %159, i64 %163
  %165 = load i64, ptr %164, align 8, !tbaa !4
  %166 = icmp slt i64 %165, 2
  %167 = getelementptr inbounds i64, ptr %143, i64 %163
  %168 = load i64, ptr %167, align 8, !tbaa !4
  %169 = and i64 %168, %153
  %170 = icmp eq i64 %169, 0
  %171 = select i1 %166, i1 true, i1 %170
  br i1 %171, label %172, label %298

172:                                              ; preds = %162
  %173 = add nuw nsw i64 %163, 1
  %174 = getelementptr inbounds i64, ptr %102, i64 %173
  store i64 %165, ptr %174, align 8, !tbaa !4
  %175 = getelementptr inbounds i64, ptr %161, i64 %163
  store i64 %168, ptr %175, align 8, !tbaa !4
  %176 = icmp eq i64 %173, %117
  br i1 %176, label %177, label %162, !llvm.loop !26

177:                                              ; preds = %172, %156
  %178 = getelementptr inbounds i8, ptr %95, i64 12
  %179 = load i32, ptr %178, align 4, !tbaa !27
  %180 = icmp sgt i32 %179, -1
  br i1 %180, label %181, label %193

181:                                              ; preds = %177
  %182 = load ptr, ptr %116, align 8, !tbaa !18
  %183 = zext nneg i32 %179 to i64
  %184 = getelementptr inbounds i64, ptr %182, i64 %183
  %185 = load i64, ptr %184, align 8, !tbaa !4
  %186 = icmp sgt i64 %185, 1
  br i1 %186, label %187, label %193

187:                                              ; preds = %181
  %188 = getelementptr inbounds i64, ptr %143, i64 %183
  %189 = load i64, ptr %188, align 8, !tbaa !4
  %190 = icmp eq i64 %189, %115
  %191 = select i1 %190, i1 true, i1 %146
  %192 = select i1 %191, i32 %94, i32 1
  br label %193

193:                                              ; preds = %187, %181, %177
  %194 = phi i32 [ %94, %181 ], [ %94, %177 ], [ %192, %187 ]
  %195 = getelementptr inbounds i8, ptr %95, i64 20
  %196 = load i32, ptr %195, align 4, !tbaa !28
  %197 = icmp eq i32 %196, 0
  %198 = select i1 %197, i1 true, i1 %142
  %199 = select i1 %198, i1 true, i1 %146
  br i1 %199, label %251, label %200

200:                                              ; preds = %193
  %201 = load ptr, ptr %116, align 8, !tbaa !18
  br i1 %157, label %202, label %251

202:                                              ; preds = %200, %241
  %203 = phi i64 [ %248, %241 ], [ %115, %200 ]
  %204 = phi i32 [ %249, %241 ], [ 0, %200 ]
  %205 = phi i64 [ %243, %241 ], [ 0, %200 ]
  br label %208

206:                                              ; preds = %231
  %207 = icmp slt i32 %232, 0
  br i1 %207, label %251, label %235

208:                                              ; preds = %231, %202
  %209 = phi i64 [ 0, %202 ], [ %233, %231 ]
  %210 = phi i32 [ -1, %202 ], [ %232, %231 ]
  %211 = getelementptr inbounds i64, ptr %141, i64 %209
  %212 = load i64, ptr %211, align 8, !tbaa !4
  %213 = tail call i64 @llvm.abs.i64(i64 %212, i1 true)
  %214 = shl nuw i64 1, %209
  %215 = and i64 %214, %205
  %216 = icmp eq i64 %215, 0
  br i1 %216, label %217, label %231

217:                                              ; preds = %208
  %218 = getelementptr inbounds i64, ptr %201, i64 %209
  %219 = load i64, ptr %218, align 8, !tbaa !4
  %220 = icmp slt i64 %219, 2
  br i1 %220, label %231, label %221

221:                                              ; preds = %217
  %222 = icmp slt i32 %210, 0
  br i1 %222, label %229, label %223

223:                                              ; preds = %221
  %224 = zext nneg i32 %210 to i64
  %225 = getelementptr inbounds i64, ptr %141, i64 %224
  %226 = load i64, ptr %225, align 8, !tbaa !4
  %227 = tail call i64 @llvm.abs.i64(i64 %226, i1 true)
  %228 = icmp ult i64 %213, %227
  br i1 %228, label %229, label %231

229:                                              ; preds = %223, %221
  %230 = trunc nuw nsw i64 %209 to i32
  br label %231

231:                                              ; preds = %229, %223, %217, %208
  %232 = phi i32 [ %210, %217 ], [ %210, %208 ], [ %230, %229 ], [ %210, %223 ]
  %233 = add nuw nsw i64 %209, 1
  %234 = icmp eq i64 %233, %117
  br i1 %234, label %206, label %208, !llvm.loop !29

235:                                              ; preds = %206
  %236 = zext nneg i32 %232 to i64
  %237 = getelementptr inbounds i64, ptr %141, i64 %236
  %238 = load i64, ptr %237, align 8, !tbaa !4
  %239 = tail call i64 @llvm.abs.i64(i64 %238, i1 true)
  %240 = icmp slt i64 %239, %203
  br i1 %240, label %298, label %241

241:                                              ; preds = %235
  %242 = shl nuw i64 1, %236
  %243 = or i64 %242, %205
  %244 = getelementptr inbounds i64, ptr %201, i64 %236
  %245 = load i64, ptr %244, align 8, !tbaa !4
  %246 = add nsw i64 %245, -1
  %247 = mul nsw i64 %246, %239
  %248 = add nsw i64 %247, %203
  %249 = add nuw nsw i32 %204, 1
  %250 = icmp eq i32 %249, %106
  br i1 %250, label %251, label %202, !llvm.loop !30

251:                                              ; preds = %241, %206, %193, %200
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %252 = shl nsw i32 %106, 1
  %253 = or disjoint i32 %252, 1
  br label %288

254:                                              ; preds = %91
  %255 = icmp eq ptr %99, null
  br i1 %255, label %256, label %260

256:                                              ; preds = %254
  %257 = trunc nuw nsw i64 %92 to i32
  %258 = shl i32 %257, 8
  %259 = add i32 %258, 257
  br label %591

260:                                              ; preds = %254
  %261 = getelementptr inbounds i8, ptr %95, i64 4
  %262 = load i32, ptr %261, align 4, !tbaa !20
  %263 = add nsw i32 %262, 7
  %264 = sdiv i32 %263, 8
  %265 = icmp sgt i32 %262, 0
  br i1 %265, label %266, label %288

266:                                              ; preds = %260
  %267 = sext i32 %93 to i64
  %268 = tail call i32 @llvm.smax.i32(i32 %264, i32 1)
  %269 = zext nneg i32 %268 to i64
  br label %275

270:                                              ; preds = %275
  br i1 %265, label %271, label %288

271:                                              ; preds = %270
  %272 = sext i32 %93 to i64
  %273 = getelementptr inbounds i64, ptr %10, i64 %272
  %274 = zext nneg i32 %262 to i64
  br label %281

275:                                              ; preds = %266, %275
  %276 = phi i64 [ 0, %266 ], [ %279, %275 ]
  %277 = add nsw i64 %276, %267
  %278 = getelementptr inbounds [512 x i64], ptr %10, i64 0, i64 %277
  store i64 0, ptr %278, align 8, !tbaa !4
  %279 = add nuw nsw i64 %276, 1
  %280 = icmp eq i64 %279, %269
  br i1 %280, label %270, label %275, !llvm.loop !31

281:                                              ; preds = %271, %281
  %282 = phi i64 [ 0, %271 ], [ %286, %281 ]
  %283 = getelementptr inbounds i8, ptr %99, i64 %282
  %284 = load i8, ptr %283, align 1, !tbaa !32
  %285 = getelementptr inbounds i8, ptr %273, i64 %282
  store i8 %284, ptr %285, align 1, !tbaa !32
  %286 = add nuw nsw i64 %282, 1
  %287 = icmp ult i64 %286, %274
  br i1 %287, label %281, label %288, !llvm.loop !33

288:                                              ; preds = %281, %260, %270, %251
  %289 = phi i32 [ %194, %251 ], [ %94, %270 ], [ %94, %260 ], [ %94, %281 ]
  %290 = phi i32 [ %253, %251 ], [ %264, %270 ], [ %264, %260 ], [ %264, %281 ]
  %291 = add nsw i32 %290, %93
  %292 = add nuw nsw i64 %92, 1
  %293 = icmp eq i64 %292, %90
  br i1 %293, label %304, label %91, !llvm.loop !34

294:                                              ; preds = %100, %108
  %295 = trunc nuw nsw i64 %92 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %296 = shl i32 %295, 8
  %297 = add i32 %296, 257
  br label %591

298:                                              ; preds = %148, %139, %125, %130, %162, %235
  %299 = phi i32 [ 5, %235 ], [ 4, %162 ], [ 3, %130 ], [ 3, %125 ], [ 4, %148 ], [ 1, %139 ]
  %300 = trunc nuw nsw i64 %92 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %9) #11
  %301 = shl i32 %300, 8
  %302 = add i32 %301, 256
  %303 = or disjoint i32 %299, %302
  br label %591

304:                                              ; preds = %288, %84
  %305 = phi i32 [ 0, %84 ], [ %289, %288 ]
  %306 = load atomic i32, ptr @level_known monotonic, align 4
  %307 = icmp eq i32 %306, 0
  br i1 %307, label %308, label %309

308:                                              ; preds = %304
  store atomic i32 2, ptr @level_known monotonic, align 4
  br label %309

309:                                              ; preds = %308, %304
  %310 = phi i32 [ %306, %304 ], [ 2, %308 ]
  %311 = getelementptr inbounds i8, ptr %0, i64 20
  %312 = load i32, ptr %311, align 4, !tbaa !35
  %313 = icmp sgt i32 %312, 0
  br i1 %313, label %314, label %591

314:                                              ; preds = %309
  %315 = icmp ne i64 %59, %56
  %316 = icmp ne i64 %72, %70
  %317 = icmp ne i64 %36, %33
  %318 = getelementptr inbounds i8, ptr %0, i64 8
  %319 = load ptr, ptr %318, align 8, !tbaa !36
  %320 = zext nneg i32 %312 to i64
  %321 = mul nuw nsw i64 %48, %25
  %322 = icmp sgt i64 %321, 1
  br label %323

323:                                              ; preds = %379, %314
  %324 = phi i64 [ 0, %314 ], [ %381, %379 ]
  %325 = phi ptr [ null, %314 ], [ %380, %379 ]
  %326 = getelementptr inbounds %struct.Way, ptr %319, i64 %324
  %327 = getelementptr inbounds i8, ptr %326, i64 40
  %328 = load i32, ptr %327, align 8, !tbaa !37
  %329 = icmp sgt i32 %328, %310
  br i1 %329, label %379, label %330

330:                                              ; preds = %323
  %331 = getelementptr inbounds i8, ptr %326, i64 44
  %332 = load i32, ptr %331, align 4, !tbaa !40
  %333 = icmp eq i32 %332, %305
  br i1 %333, label %334, label %379

334:                                              ; preds = %330
  %335 = icmp eq ptr %325, null
  br i1 %335, label %340, label %336

336:                                              ; preds = %334
  %337 = getelementptr inbounds i8, ptr %325, i64 40
  %338 = load i32, ptr %337, align 8, !tbaa !37
  %339 = icmp slt i32 %328, %338
  br i1 %339, label %385, label %340

340:                                              ; preds = %336, %334
  %341 = getelementptr inbounds i8, ptr %326, i64 60
  %342 = load i32, ptr %341, align 4, !tbaa !41
  %343 = icmp eq i32 %342, 0
  br i1 %343, label %352, label %344

344:                                              ; preds = %340
  %345 = getelementptr inbounds i8, ptr %326, i64 56
  %346 = load i32, ptr %345, align 8, !tbaa !42
  %347 = add nsw i32 %346, -1
  %348 = sext i32 %347 to i64
  %349 = and i64 %16, %348
  %350 = icmp ne i64 %349, 0
  %351 = select i1 %350, i1 %322, i1 false
  br label %352

352:                                              ; preds = %344, %340
  %353 = phi i1 [ false, %340 ], [ %351, %344 ]
  %354 = zext i1 %353 to i32
  %355 = getelementptr inbounds i8, ptr %326, i64 48
  %356 = load i32, ptr %355, align 8, !tbaa !43
  %357 = icmp eq i32 %356, %354
  br i1 %357, label %358, label %379

358:                                              ; preds = %352
  %359 = getelementptr inbounds i8, ptr %326, i64 64
  %360 = load i32, ptr %359, align 8, !tbaa !8
  %361 = icmp eq i32 %360, 0
  %362 = select i1 %361, i1 true, i1 %315
  %363 = select i1 %362, i1 true, i1 %317
  %364 = select i1 %363, i1 true, i1 %316
  %365 = select i1 %361, ptr %326, ptr %325
  br i1 %364, label %379, label %366

366:                                              ; preds = %358
  %367 = sext i32 %360 to i64
  %368 = icmp eq i64 %16, %367
  br i1 %368, label %369, label %379

369:                                              ; preds = %366
  %370 = getelementptr inbounds i8, ptr %326, i64 68
  %371 = load i32, ptr %370, align 4, !tbaa !8
  %372 = sext i32 %371 to i64
  %373 = icmp eq i64 %25, %372
  br i1 %373, label %374, label %379

374:                                              ; preds = %369
  %375 = getelementptr inbounds i8, ptr %326, i64 72
  %376 = load i32, ptr %375, align 8, !tbaa !8
  %377 = sext i32 %376 to i64
  %378 = icmp eq i64 %48, %377
  br i1 %378, label %385, label %379

379:                                              ; preds = %374, %369, %366, %358, %352, %330, %323
  %380 = phi ptr [ %325, %374 ], [ %365, %358 ], [ %325, %366 ], [ %325, %369 ], [ %325, %352 ], [ %325, %323 ], [ %325, %330 ]
  %381 = add nuw nsw i64 %324, 1
  %382 = icmp eq i64 %381, %320
  br i1 %382, label %383, label %323, !llvm.loop !44

383:                                              ; preds = %379
  %384 = icmp eq ptr %380, null
  br i1 %384, label %591, label %385

385:                                              ; preds = %374, %336, %383
  %386 = phi ptr [ %380, %383 ], [ %325, %336 ], [ %326, %374 ]
  %387 = icmp eq i64 %72, 0
  %388 = icmp eq i64 %36, 0
  %389 = or i1 %387, %388
  %390 = icmp eq i64 %59, 0
  %391 = or i1 %389, %390
  br i1 %391, label %591, label %392

392:                                              ; preds = %385
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %6) #11
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef nonnull readonly %386, ptr noundef nonnull readonly %1, i64 noundef 1) #12
  %393 = getelementptr inbounds i8, ptr %6, i64 28
  %394 = load i32, ptr %393, align 4, !tbaa !45
  %395 = icmp eq i32 %394, 0
  br i1 %395, label %396, label %491

396:                                              ; preds = %392
  %397 = load ptr, ptr @others, align 8, !tbaa !10
  %398 = icmp eq ptr %397, null
  br i1 %398, label %401, label %399

399:                                              ; preds = %396
  %400 = load i64, ptr @others_workers, align 8, !tbaa !4
  br label %487

401:                                              ; preds = %396
  %402 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %403 = extractvalue { i32, i1 } %402, 1
  br i1 %403, label %404, label %482

404:                                              ; preds = %401
  %405 = load i32, ptr @wanted, align 4, !tbaa !8
  %406 = icmp sgt i32 %405, 0
  br i1 %406, label %407, label %409

407:                                              ; preds = %404
  %408 = zext nneg i32 %405 to i64
  br label %449

409:                                              ; preds = %404
  %410 = tail call ptr @getenv(ptr noundef nonnull @.str.9) #10
  %411 = icmp eq ptr %410, null
  br i1 %411, label %434, label %412

412:                                              ; preds = %409
  %413 = load i8, ptr %410, align 1, !tbaa !32
  %414 = icmp ugt i8 %413, 47
  br i1 %414, label %415, label %434

415:                                              ; preds = %412, %422
  %416 = phi i8 [ %429, %422 ], [ %413, %412 ]
  %417 = phi ptr [ %425, %422 ], [ %410, %412 ]
  %418 = phi i64 [ %428, %422 ], [ 0, %412 ]
  %419 = icmp ult i8 %416, 58
  %420 = icmp slt i64 %418, 1024
  %421 = select i1 %419, i1 %420, i1 false
  br i1 %421, label %422, label %431

422:                                              ; preds = %415
  %423 = zext nneg i8 %416 to i64
  %424 = mul nsw i64 %418, 10
  %425 = getelementptr inbounds i8, ptr %417, i64 1
  %426 = add nuw nsw i64 %423, 4294967248
  %427 = and i64 %426, 4294967295
  %428 = add nsw i64 %427, %424
  %429 = load i8, ptr %425, align 1, !tbaa !32
  %430 = icmp ugt i8 %429, 47
  br i1 %430, label %415, label %431

431:                                              ; preds = %422, %415
  %432 = phi i64 [ %428, %422 ], [ %418, %415 ]
  %433 = icmp sgt i64 %432, 0
  br i1 %433, label %449, label %434

434:                                              ; preds = %431, %412, %409
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %435 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #10
  %436 = icmp sgt i32 %435, -1
  br i1 %436, label %437, label %446

437:                                              ; preds = %434, %437
  %438 = phi i64 [ %444, %437 ], [ 0, %434 ]
  %439 = phi i64 [ %443, %437 ], [ 0, %434 ]
  %440 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %438
  %441 = load i64, ptr %440, align 8, !tbaa !4
  %442 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %441)
  %443 = add nuw nsw i64 %442, %439
  %444 = add nuw nsw i64 %438, 1
  %445 = icmp eq i64 %444, 128
  br i1 %445, label %446, label %437, !llvm.loop !47

446:                                              ; preds = %437, %434
  %447 = phi i64 [ 0, %434 ], [ %443, %437 ]
  %448 = call i64 @llvm.smax.i64(i64 %447, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #11
  br label %449

449:                                              ; preds = %446, %431, %407
  %450 = phi i64 [ %408, %407 ], [ %448, %446 ], [ %432, %431 ]
  %451 = call i64 @llvm.umin.i64(i64 %450, i64 1024)
  %452 = icmp ugt i64 %450, 1
  br i1 %452, label %455, label %453

453:                                              ; preds = %449
  %454 = load i64, ptr @started, align 8, !tbaa !4
  br label %478

455:                                              ; preds = %449
  %456 = load i1, ptr @workers.registered, align 4
  br i1 %456, label %459, label %457

457:                                              ; preds = %455
  store i1 true, ptr @workers.registered, align 4
  %458 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #10
  br label %459

459:                                              ; preds = %457, %455
  %460 = add nsw i64 %451, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #11
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 8 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %461 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #10
  %462 = icmp sgt i32 %461, -1
  br i1 %462, label %463, label %472

463:                                              ; preds = %459, %463
  %464 = phi i64 [ %470, %463 ], [ 0, %459 ]
  %465 = phi i64 [ %469, %463 ], [ 0, %459 ]
  %466 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %464
  %467 = load i64, ptr %466, align 8, !tbaa !4
  %468 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %467)
  %469 = add nuw nsw i64 %468, %465
  %470 = add nuw nsw i64 %464, 1
  %471 = icmp eq i64 %470, 128
  br i1 %471, label %472, label %463, !llvm.loop !47

472:                                              ; preds = %463, %459
  %473 = phi i64 [ 0, %459 ], [ %469, %463 ]
  %474 = call i64 @llvm.smax.i64(i64 %473, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #11
  %475 = icmp ugt i64 %451, %474
  %476 = select i1 %475, i32 20, i32 2000
  %477 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %460, i32 noundef %476) #10
  store i64 %477, ptr @started, align 8, !tbaa !4
  br label %478

478:                                              ; preds = %472, %453
  %479 = phi i64 [ %454, %453 ], [ %477, %472 ]
  %480 = icmp eq i64 %479, 0
  %481 = select i1 %480, i32 3, i32 2
  store atomic i32 %481, ptr @state release, align 4
  br label %482

482:                                              ; preds = %478, %401
  %483 = load atomic i32, ptr @state acquire, align 4
  %484 = icmp eq i32 %483, 2
  %485 = load i64, ptr @started, align 8
  %486 = add nsw i64 %485, 1
  br i1 %484, label %487, label %491

487:                                              ; preds = %482, %399
  %488 = phi i64 [ %400, %399 ], [ %486, %482 ]
  %489 = icmp sgt i64 %488, 1
  br i1 %489, label %490, label %491

490:                                              ; preds = %487
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %6, ptr noundef readonly %386, ptr noundef nonnull readonly %1, i64 noundef %488) #12
  br label %491

491:                                              ; preds = %490, %487, %482, %392
  %492 = phi i64 [ 1, %392 ], [ %488, %490 ], [ %488, %487 ], [ 1, %482 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %7) #11
  %493 = load i64, ptr %1, align 8, !tbaa !4
  store i64 %493, ptr %7, align 8, !tbaa !4
  %494 = getelementptr inbounds i8, ptr %7, i64 8
  %495 = load i64, ptr %22, align 8, !tbaa !4
  store i64 %495, ptr %494, align 8, !tbaa !4
  %496 = getelementptr inbounds i8, ptr %7, i64 16
  %497 = load i64, ptr %45, align 8, !tbaa !4
  store i64 %497, ptr %496, align 8, !tbaa !4
  %498 = getelementptr inbounds i8, ptr %7, i64 24
  %499 = load i64, ptr %13, align 8, !tbaa !4
  store i64 %499, ptr %498, align 8, !tbaa !4
  %500 = getelementptr inbounds i8, ptr %7, i64 32
  %501 = load i64, ptr %24, align 8, !tbaa !4
  store i64 %501, ptr %500, align 8, !tbaa !4
  %502 = getelementptr inbounds i8, ptr %7, i64 40
  %503 = load i64, ptr %47, align 8, !tbaa !4
  store i64 %503, ptr %502, align 8, !tbaa !4
  %504 = getelementptr inbounds i8, ptr %7, i64 48
  %505 = load i64, ptr %14, align 8, !tbaa !4
  store i64 %505, ptr %504, align 8, !tbaa !4
  %506 = getelementptr inbounds i8, ptr %7, i64 56
  %507 = load i64, ptr %35, align 8, !tbaa !4
  store i64 %507, ptr %506, align 8, !tbaa !4
  %508 = getelementptr inbounds i8, ptr %7, i64 64
  %509 = load i64, ptr %58, align 8, !tbaa !4
  store i64 %509, ptr %508, align 8, !tbaa !4
  %510 = getelementptr inbounds i8, ptr %7, i64 72
  %511 = getelementptr inbounds i8, ptr %6, i64 16
  %512 = load i64, ptr %511, align 8, !tbaa !48
  store i64 %512, ptr %510, align 8, !tbaa !4
  %513 = getelementptr inbounds i8, ptr %7, i64 80
  store i64 0, ptr %513, align 8, !tbaa !4
  %514 = getelementptr inbounds i8, ptr %7, i64 88
  store i64 0, ptr %514, align 8, !tbaa !4
  %515 = getelementptr inbounds i8, ptr %7, i64 96
  store i64 0, ptr %515, align 8, !tbaa !4
  %516 = getelementptr inbounds i8, ptr %7, i64 104
  %517 = getelementptr inbounds i8, ptr %6, i64 32
  %518 = load i32, ptr %517, align 8, !tbaa !49
  %519 = sext i32 %518 to i64
  store i64 %519, ptr %516, align 8, !tbaa !4
  %520 = getelementptr inbounds i8, ptr %7, i64 112
  store i64 0, ptr %520, align 8, !tbaa !4
  %521 = getelementptr inbounds i8, ptr %7, i64 120
  store i64 0, ptr %521, align 8, !tbaa !4
  %522 = getelementptr inbounds i8, ptr %386, i64 16
  %523 = load i64, ptr %522, align 8, !tbaa !50
  %524 = icmp eq i64 %523, 0
  %525 = getelementptr inbounds i8, ptr %386, i64 24
  %526 = load i64, ptr %525, align 8, !tbaa !51
  %527 = icmp eq i64 %526, 0
  %528 = select i1 %524, i1 %527, i1 false
  br i1 %528, label %529, label %532

529:                                              ; preds = %491
  %530 = getelementptr inbounds i8, ptr %6, i64 24
  %531 = load i32, ptr %530, align 8, !tbaa !52
  br label %556

532:                                              ; preds = %491
  %533 = getelementptr inbounds i8, ptr %386, i64 56
  %534 = load i32, ptr %533, align 8, !tbaa !42
  %535 = sext i32 %534 to i64
  %536 = add i64 %499, -1
  %537 = add i64 %536, %535
  %538 = sub nsw i64 0, %535
  %539 = and i64 %537, %538
  %540 = add i64 %523, 63
  %541 = mul i64 %503, %501
  %542 = mul i64 %541, %526
  %543 = mul i64 %542, %539
  %544 = or i64 %540, 63
  %545 = add i64 %543, %544
  %546 = and i64 %545, -64
  %547 = getelementptr inbounds i8, ptr %6, i64 24
  %548 = load i32, ptr %547, align 8, !tbaa !52
  %549 = icmp eq i32 %548, 0
  %550 = select i1 %549, i64 1, i64 %492
  %551 = mul nsw i64 %546, %550
  %552 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %551) #10
  %553 = icmp eq ptr %552, null
  br i1 %553, label %589, label %554

554:                                              ; preds = %532
  %555 = ptrtoint ptr %552 to i64
  store i64 %555, ptr %513, align 8, !tbaa !4
  store i64 %546, ptr %514, align 8, !tbaa !4
  br label %556

556:                                              ; preds = %554, %529
  %557 = phi i32 [ %548, %554 ], [ %531, %529 ]
  %558 = phi ptr [ %552, %554 ], [ null, %529 ]
  %559 = icmp ne i32 %557, 0
  %560 = load ptr, ptr @others, align 8
  %561 = icmp ne ptr %560, null
  %562 = select i1 %559, i1 %561, i1 false
  br i1 %562, label %563, label %576

563:                                              ; preds = %556
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %8) #11
  %564 = load ptr, ptr %386, align 8, !tbaa !53
  store ptr %564, ptr %8, align 8, !tbaa !54
  %565 = getelementptr inbounds i8, ptr %8, i64 8
  store ptr %10, ptr %565, align 8, !tbaa !56
  %566 = getelementptr inbounds i8, ptr %8, i64 16
  store ptr %7, ptr %566, align 8, !tbaa !57
  %567 = getelementptr inbounds i8, ptr %8, i64 24
  %568 = load i64, ptr %6, align 8, !tbaa !58
  store i64 %568, ptr %567, align 8, !tbaa !59
  %569 = getelementptr inbounds i8, ptr %8, i64 32
  %570 = getelementptr inbounds i8, ptr %6, i64 8
  %571 = load i64, ptr %570, align 8, !tbaa !60
  store i64 %571, ptr %569, align 8, !tbaa !61
  %572 = load ptr, ptr @others_context, align 8, !tbaa !10
  %573 = add i64 %568, -1
  %574 = add i64 %573, %571
  %575 = sdiv i64 %574, %571
  call void %560(ptr noundef %572, ptr noundef nonnull @piece, ptr noundef nonnull %8, i64 noundef %575) #10
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %8) #11
  br label %586

576:                                              ; preds = %556
  %577 = load i64, ptr %6, align 8, !tbaa !58
  br i1 %559, label %578, label %584

578:                                              ; preds = %576
  %579 = load ptr, ptr %386, align 8, !tbaa !53
  %580 = getelementptr inbounds i8, ptr %6, i64 8
  %581 = load i64, ptr %580, align 8, !tbaa !60
  %582 = call i64 @kdsl_pool_run(ptr noundef %579, ptr noundef nonnull %10, ptr noundef nonnull %7, i64 noundef %577, i64 noundef %581) #10
  %583 = icmp eq i64 %582, 0
  br i1 %583, label %584, label %586

584:                                              ; preds = %578, %576
  %585 = load ptr, ptr %386, align 8, !tbaa !53
  call void %585(ptr noundef nonnull %10, ptr noundef nonnull %7, i64 noundef 0, i64 noundef %577, i64 noundef 0) #10
  br label %586

586:                                              ; preds = %584, %578, %563
  %587 = icmp eq ptr %558, null
  br i1 %587, label %589, label %588

588:                                              ; preds = %586
  call void @free(ptr noundef nonnull %558) #10
  br label %589

589:                                              ; preds = %532, %586, %588
  %590 = phi i32 [ 0, %588 ], [ 0, %586 ], [ 6, %532 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %7) #11
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %6) #11
  br label %591

591:                                              ; preds = %298, %309, %67, %12, %74, %71, %21, %30, %34, %38, %44, %53, %57, %61, %294, %256, %589, %383, %385, %80, %3
  %592 = phi i32 [ %303, %298 ], [ 1, %3 ], [ 2, %80 ], [ %590, %589 ], [ 7, %383 ], [ 0, %385 ], [ %259, %256 ], [ %297, %294 ], [ 2, %61 ], [ 2, %57 ], [ 2, %53 ], [ 2, %44 ], [ 2, %38 ], [ 2, %34 ], [ 2, %30 ], [ 2, %21 ], [ 2, %71 ], [ 2, %74 ], [ 2, %12 ], [ 2, %67 ], [ 7, %309 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %10) #11
  ret i32 %592
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, ptr nocapture noundef readonly %2, i64 noundef %3) unnamed_addr #0 {
  %5 = getelementptr inbounds i8, ptr %2, i64 48
  %6 = load i64, ptr %5, align 8, !tbaa !4
  %7 = getelementptr inbounds i8, ptr %2, i64 56
  %8 = load i64, ptr %7, align 8, !tbaa !4
  %9 = getelementptr inbounds i8, ptr %2, i64 64
  %10 = load i64, ptr %9, align 8, !tbaa !4
  %11 = mul nsw i64 %10, %8
  %12 = mul nsw i64 %11, %6
  %13 = getelementptr inbounds i8, ptr %1, i64 8
  %14 = load double, ptr %13, align 8, !tbaa !62
  %15 = fcmp ogt double %14, 1.000000e-02
  %16 = select i1 %15, double %14, double 1.000000e-02
  %17 = getelementptr inbounds i8, ptr %0, i64 8
  %18 = getelementptr inbounds i8, ptr %0, i64 16
  %19 = getelementptr inbounds i8, ptr %1, i64 56
  %20 = load i32, ptr %19, align 8, !tbaa !42
  %21 = sext i32 %20 to i64
  store i64 %21, ptr %18, align 8, !tbaa !48
  %22 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %22, align 8, !tbaa !52
  %23 = getelementptr inbounds i8, ptr %0, i64 28
  %24 = sitofp i64 %12 to double
  %25 = fmul double %16, %24
  %26 = fcmp olt double %25, 2.000000e+04
  %27 = zext i1 %26 to i32
  store i32 %27, ptr %23, align 4, !tbaa !45
  %28 = getelementptr inbounds i8, ptr %0, i64 32
  store i32 0, ptr %28, align 8, !tbaa !49
  %29 = icmp eq i64 %3, 1
  %30 = or i1 %29, %26
  %31 = getelementptr inbounds i8, ptr %1, i64 52
  %32 = load i32, ptr %31, align 4, !tbaa !63
  %33 = icmp eq i32 %32, 0
  br i1 %33, label %34, label %69

34:                                               ; preds = %4
  %35 = getelementptr inbounds i8, ptr %2, i64 24
  %36 = load i64, ptr %35, align 8, !tbaa !4
  %37 = getelementptr inbounds i8, ptr %2, i64 32
  %38 = load i64, ptr %37, align 8, !tbaa !4
  %39 = mul nsw i64 %38, %36
  %40 = getelementptr inbounds i8, ptr %2, i64 40
  %41 = load i64, ptr %40, align 8, !tbaa !4
  %42 = mul nsw i64 %39, %41
  %43 = load i64, ptr %2, align 8, !tbaa !4
  %44 = getelementptr inbounds i8, ptr %2, i64 8
  %45 = load i64, ptr %44, align 8, !tbaa !4
  %46 = mul nsw i64 %45, %43
  %47 = getelementptr inbounds i8, ptr %2, i64 16
  %48 = load i64, ptr %47, align 8, !tbaa !4
  %49 = mul nsw i64 %46, %48
  store i64 %49, ptr %0, align 8, !tbaa !58
  %50 = uitofp nneg i64 %3 to double
  %51 = fdiv double 1.000000e+04, %16
  %52 = fdiv double 2.000000e+05, %16
  %53 = fmul double %50, 4.000000e+00
  %54 = fdiv double %24, %53
  %55 = fcmp olt double %54, %52
  %56 = select i1 %55, double %54, double %52
  %57 = fcmp ogt double %51, %56
  %58 = select i1 %57, double %51, double %56
  %59 = sitofp i64 %42 to double
  %60 = fdiv double %58, %59
  %61 = fptosi double %60 to i64
  %62 = icmp slt i64 %61, 1
  %63 = tail call i64 @llvm.smin.i64(i64 %49, i64 %61)
  %64 = select i1 %62, i64 1, i64 %63
  store i64 %64, ptr %17, align 8, !tbaa !60
  %65 = icmp sgt i64 %49, %64
  %66 = xor i1 %30, true
  %67 = select i1 %66, i1 %65, i1 false
  %68 = zext i1 %67 to i32
  store i32 %68, ptr %22, align 8, !tbaa !52
  br label %175

69:                                               ; preds = %4
  %70 = add i64 %6, -1
  %71 = add i64 %70, %21
  %72 = sub nsw i64 0, %21
  %73 = and i64 %71, %72
  %74 = getelementptr inbounds i8, ptr %1, i64 76
  %75 = load i32, ptr %74, align 4, !tbaa !64
  %76 = sext i32 %75 to i64
  %77 = add i64 %8, -1
  %78 = add i64 %77, %76
  %79 = sdiv i64 %78, %76
  %80 = mul nsw i64 %79, %10
  %81 = getelementptr inbounds i8, ptr %1, i64 32
  %82 = load i64, ptr %81, align 8, !tbaa !65
  %83 = icmp eq i64 %82, 0
  br i1 %83, label %95, label %84

84:                                               ; preds = %69
  %85 = mul nsw i64 %82, %6
  %86 = icmp sgt i64 %85, 4095
  br i1 %86, label %87, label %95

87:                                               ; preds = %84
  %88 = mul nsw i64 %85, %11
  %89 = tail call i64 @sysconf(i32 noundef 194) #10
  %90 = icmp sgt i64 %89, 0
  %91 = sdiv i64 %89, 2
  %92 = select i1 %90, i64 %91, i64 16777216
  %93 = icmp sgt i64 %88, %92
  %94 = zext i1 %93 to i32
  br label %95

95:                                               ; preds = %69, %84, %87
  %96 = phi i32 [ 0, %69 ], [ 0, %84 ], [ %94, %87 ]
  store i32 %96, ptr %28, align 8, !tbaa !49
  br i1 %30, label %97, label %98

97:                                               ; preds = %95
  store i64 %80, ptr %17, align 8, !tbaa !60
  store i64 %80, ptr %0, align 8, !tbaa !58
  store i64 %73, ptr %18, align 8, !tbaa !48
  br label %175

98:                                               ; preds = %95
  %99 = uitofp nneg i64 %3 to double
  %100 = fdiv double 1.000000e+04, %16
  %101 = fdiv double 2.000000e+05, %16
  %102 = fmul double %99, 4.000000e+00
  %103 = fdiv double %24, %102
  %104 = fcmp olt double %103, %101
  %105 = select i1 %104, double %103, double %101
  %106 = fcmp ogt double %100, %105
  %107 = select i1 %106, double %100, double %105
  %108 = load i32, ptr %74, align 4, !tbaa !64
  %109 = sitofp i32 %108 to double
  %110 = fdiv double %107, %109
  %111 = fcmp olt double %110, 1.638400e+04
  %112 = fptosi double %110 to i64
  %113 = tail call i64 @llvm.smin.i64(i64 %112, i64 16383)
  %114 = load i32, ptr %19, align 8, !tbaa !42
  %115 = sext i32 %114 to i64
  %116 = select i1 %111, i64 %113, i64 16383
  %117 = add i64 %116, %115
  %118 = sub nsw i64 0, %115
  %119 = and i64 %117, %118
  %120 = tail call i64 @llvm.smin.i64(i64 %119, i64 %73)
  %121 = add i64 %120, %70
  %122 = sdiv i64 %121, %120
  %123 = mul nsw i64 %122, %80
  %124 = shl nsw i64 %3, 4
  %125 = icmp sgt i64 %123, %124
  br i1 %125, label %163, label %126

126:                                              ; preds = %98
  %127 = shl nsw i64 %122, 1
  %128 = icmp sgt i64 %122, %127
  br i1 %128, label %163, label %129

129:                                              ; preds = %126
  %130 = add nsw i64 %115, -1
  %131 = add i64 %3, -1
  br label %132

132:                                              ; preds = %154, %129
  %133 = phi i64 [ %120, %129 ], [ %156, %154 ]
  %134 = phi i64 [ %122, %129 ], [ %157, %154 ]
  %135 = phi i64 [ -1, %129 ], [ %155, %154 ]
  %136 = add i64 %134, %70
  %137 = sdiv i64 %136, %134
  %138 = add i64 %130, %137
  %139 = and i64 %138, %118
  %140 = add i64 %139, %70
  %141 = sdiv i64 %140, %139
  %142 = mul nsw i64 %141, %80
  %143 = add i64 %131, %142
  %144 = sdiv i64 %143, %3
  %145 = mul nsw i64 %139, %144
  %146 = icmp slt i64 %135, 0
  %147 = icmp slt i64 %145, %135
  %148 = select i1 %146, i1 true, i1 %147
  br i1 %148, label %153, label %149

149:                                              ; preds = %132
  %150 = icmp eq i64 %145, %135
  %151 = icmp sgt i64 %139, %133
  %152 = select i1 %150, i1 %151, i1 false
  br i1 %152, label %153, label %154

153:                                              ; preds = %149, %132
  br label %154

154:                                              ; preds = %153, %149
  %155 = phi i64 [ %145, %153 ], [ %135, %149 ]
  %156 = phi i64 [ %139, %153 ], [ %133, %149 ]
  %157 = add i64 %134, 1
  %158 = icmp eq i64 %134, %127
  br i1 %158, label %159, label %132, !llvm.loop !66

159:                                              ; preds = %154
  %160 = add i64 %156, %70
  %161 = sdiv i64 %160, %156
  %162 = mul nsw i64 %161, %80
  br label %163

163:                                              ; preds = %159, %98, %126
  %164 = phi i64 [ %162, %159 ], [ %123, %98 ], [ %123, %126 ]
  %165 = phi i64 [ %156, %159 ], [ %120, %98 ], [ %120, %126 ]
  store i64 %165, ptr %18, align 8, !tbaa !48
  store i64 %164, ptr %0, align 8, !tbaa !58
  %166 = tail call i64 @llvm.smin.i64(i64 %165, i64 %6)
  %167 = sext i32 %108 to i64
  %168 = mul nsw i64 %166, %167
  %169 = sitofp i64 %168 to double
  %170 = fdiv double %107, %169
  %171 = fptosi double %170 to i64
  %172 = tail call i64 @llvm.smax.i64(i64 %171, i64 1)
  store i64 %172, ptr %17, align 8, !tbaa !60
  %173 = icmp sgt i64 %164, %172
  %174 = zext i1 %173 to i32
  store i32 %174, ptr %22, align 8, !tbaa !52
  br label %175

175:                                              ; preds = %97, %163, %34
  ret void
}

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !61
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !54
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !56
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !57
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !59
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #10
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #6 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !4
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #7

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #8

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #9

attributes #0 = { nounwind "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "frame-pointer"="non-leaf" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #7 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #8 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #9 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #10 = { nobuiltin nounwind "no-builtins" }
attributes #11 = { nounwind }
attributes #12 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1, !2}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"frame-pointer", i32 1}
!3 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!4 = !{!5, !5, i64 0}
!5 = !{!"long", !6, i64 0}
!6 = !{!"omnipotent char", !7, i64 0}
!7 = !{!"Simple C/C++ TBAA"}
!8 = !{!9, !9, i64 0}
!9 = !{!"int", !6, i64 0}
!10 = !{!11, !11, i64 0}
!11 = !{!"any pointer", !6, i64 0}
!12 = !{!13, !9, i64 16}
!13 = !{!"", !11, i64 0, !11, i64 8, !9, i64 16, !9, i64 20}
!14 = !{!13, !11, i64 0}
!15 = !{!16, !9, i64 0}
!16 = !{!"", !9, i64 0, !9, i64 4, !9, i64 8, !9, i64 12, !9, i64 16, !9, i64 20}
!17 = !{!16, !9, i64 8}
!18 = !{!19, !11, i64 8}
!19 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16}
!20 = !{!16, !9, i64 4}
!21 = distinct !{!21, !22}
!22 = !{!"llvm.loop.mustprogress"}
!23 = !{!19, !11, i64 16}
!24 = !{!19, !11, i64 0}
!25 = !{!16, !9, i64 16}
!26 = distinct !{!26, !22}
!27 = !{!16, !9, i64 12}
!28 = !{!16, !9, i64 20}
!29 = distinct !{!29, !22}
!30 = distinct !{!30, !22}
!31 = distinct !{!31, !22}
!32 = !{!6, !6, i64 0}
!33 = distinct !{!33, !22}
!34 = distinct !{!34, !22}
!35 = !{!13, !9, i64 20}
!36 = !{!13, !11, i64 8}
!37 = !{!38, !9, i64 40}
!38 = !{!"", !11, i64 0, !39, i64 8, !5, i64 16, !5, i64 24, !5, i64 32, !9, i64 40, !9, i64 44, !9, i64 48, !9, i64 52, !9, i64 56, !9, i64 60, !6, i64 64, !9, i64 76}
!39 = !{!"double", !6, i64 0}
!40 = !{!38, !9, i64 44}
!41 = !{!38, !9, i64 60}
!42 = !{!38, !9, i64 56}
!43 = !{!38, !9, i64 48}
!44 = distinct !{!44, !22}
!45 = !{!46, !9, i64 28}
!46 = !{!"", !5, i64 0, !5, i64 8, !5, i64 16, !9, i64 24, !9, i64 28, !9, i64 32}
!47 = distinct !{!47, !22}
!48 = !{!46, !5, i64 16}
!49 = !{!46, !9, i64 32}
!50 = !{!38, !5, i64 16}
!51 = !{!38, !5, i64 24}
!52 = !{!46, !9, i64 24}
!53 = !{!38, !11, i64 0}
!54 = !{!55, !11, i64 0}
!55 = !{!"", !11, i64 0, !11, i64 8, !11, i64 16, !5, i64 24, !5, i64 32}
!56 = !{!55, !11, i64 8}
!57 = !{!55, !11, i64 16}
!58 = !{!46, !5, i64 0}
!59 = !{!55, !5, i64 24}
!60 = !{!46, !5, i64 8}
!61 = !{!55, !5, i64 32}
!62 = !{!38, !39, i64 8}
!63 = !{!38, !9, i64 52}
!64 = !{!38, !9, i64 76}
!65 = !{!38, !5, i64 32}
!66 = distinct !{!66, !22}
